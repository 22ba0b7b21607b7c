from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.utils import timezone
from django.utils.translation import override

AT = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)


def render(expression: str, language: str = "fr", **context: object) -> str:
    template = Template("{% load figures %}{{ " + expression + " }}")
    with override(language):
        # Which of the narrow spaces separates is the locale's business.
        shown = template.render(Context(context))
    return shown.replace("\u202f", " ").replace("\xa0", " ")


@pytest.mark.parametrize(
    ("language", "shown"), [("fr", "1 234,56 €"), ("en", "€1,234.56")]
)
def test_money_is_written_in_the_readers_language(language, shown):
    assert render("cents|money:currency", language, cents=123456, currency="EUR") == (
        shown
    )


@pytest.mark.parametrize(
    ("rate_bp", "language", "shown"),
    [
        (1250, "fr", "12,5 %"),
        (1250, "en", "12.5%"),
        (1000, "en", "10%"),
        (1, "en", "0.01%"),
        (0, "fr", "0 %"),
        (10_000, "en", "100%"),
    ],
)
def test_a_rate_is_written_as_a_percentage(rate_bp, language, shown):
    assert render("rate|percent_bp", language, rate=rate_bp) == shown


@pytest.mark.parametrize(
    ("zone", "language", "shown"),
    [
        ("Europe/Paris", "fr", "29 mars 2026, 00:30"),
        ("UTC", "en", "28 Mar 2026, 23:30"),
    ],
)
def test_an_instant_is_written_in_the_readers_zone(zone, language, shown):
    with timezone.override(zone):
        words = render("at|instant", language, at=AT)

    assert f">{shown}</time>" in words


def test_beside_an_instant_stands_the_exact_one():
    with timezone.override("Europe/Paris"):
        assert 'datetime="2026-03-29T00:30:00+01:00"' in render("at|instant", at=AT)


@pytest.mark.parametrize("on", [date(2026, 3, 29), AT])
def test_a_day_is_one_of_the_readers(on):
    with timezone.override("Europe/Paris"):
        shown = render("on|day", on=on)

    assert shown == '<time datetime="2026-03-29">29 mars 2026</time>'


@pytest.mark.parametrize(
    ("on", "language", "shown"),
    [
        (date(2026, 12, 1), "fr", "1er décembre 2026"),
        (date(2026, 12, 11), "fr", "11 décembre 2026"),
        (date(2026, 12, 1), "en", "1 December 2026"),
    ],
)
def test_the_first_of_a_month_is_counted_as_people_do(on, language, shown):
    assert f">{shown}<" in render("on|long_day", language, on=on)


@pytest.mark.parametrize(
    "name", ["money:'EUR'", "percent_bp", "instant", "day", "long_day"]
)
def test_what_is_not_there_is_not_written(name):
    assert render(f"nothing|{name}", nothing=None) == ""

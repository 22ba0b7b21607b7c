"""Time comes from the caller, money is whole, errors are named, pages hold no code."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import imports, source, words
from tests.house.imports import Stratum

MONEY_FLOORS = {"shops", "creators", "payouts"}
# Supervises servers: its clock is that of processes, not of the business.
SUPERVISOR = "affiliate.common.embedded"
Reading = Callable[[source.Module], Iterable[int]]


def modules(*strata: Stratum, floors: set[str]) -> Iterator[source.Module]:
    for module in source.product():
        where = imports.place(module.name)
        if where and where.floor in floors and where.stratum in strata:
            yield module


def found(reading: Reading, where: Iterable[source.Module]) -> list[str]:
    return [module.at(line) for module in where for line in sorted({*reading(module)})]


def templates() -> list[Path]:
    folders = [source.ROOT / name for name in ("templates", *source.PACKAGES)]
    return sorted(
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.suffix in {".html", ".txt"} and "templates" in path.parts
    )


def test_verbs_get_the_time_from_their_caller() -> None:
    verbs = modules(Stratum.VERBS, floors=MONEY_FLOORS | {imports.GROUND})

    asked = found(words.clocks, (m for m in verbs if not m.name.startswith(SUPERVISOR)))

    assert not asked, "\n" + "\n".join(asked)


def test_no_float_meets_money() -> None:
    verbs = modules(Stratum.VERBS, Stratum.MODELS, floors=MONEY_FLOORS)

    floats = found(words.floats, verbs)

    assert not floats, "\n" + "\n".join(floats)


def test_who_catches_everything_says_why() -> None:
    silent = found(words.swallowed, source.product())

    assert not silent, "\n" + "\n".join(silent)


def test_templates_hold_no_code_and_no_style() -> None:
    faults = [
        f"{path.relative_to(source.ROOT)}:{line} {fault}"
        for path in templates()
        for line, fault in words.page_faults(
            path.read_text(encoding="utf-8"), is_email="emails" in path.parts
        )
    ]

    assert not faults, "\n" + "\n".join(faults)


def test_templates_say_what_they_are() -> None:
    silent = [
        str(path.relative_to(source.ROOT))
        for path in templates()
        if not words.introduces_itself(path.read_text(encoding="utf-8"))
    ]

    assert not silent, "begin with a comment or extends:\n" + "\n".join(silent)


def test_there_are_templates_to_read() -> None:
    assert templates()


# ------------------------------------------------------------------ the readings

TIMEZONE = "from django.utils import timezone\n"
CLOCKS = [
    (TIMEZONE + "x = timezone.now()", TIMEZONE + "x = timezone.make_aware(at)"),
    ("import datetime\nx = datetime.datetime.now()", "import datetime\nx = at.date()"),
    ("x = datetime.utcnow()", "x = datetime.fromtimestamp(at)"),
    ("x = date.today()", "x = date(2026, 1, 1)"),
    ("x = timezone.localdate()", "x = timezone.localdate(at)"),
    ("from django.utils.timezone import now\nx = now()", "x = Now.now()"),
    ("from django.utils.timezone import now as n\nf(n)", "f(n)"),
    ("from django.db.models.functions import Now\nx = Now()", "x = Now()"),
    ("import time\nx = time.time()", "import time\nx = time.monotonic()"),
    ("execute('select now()')", "'''select now()'''"),
    ("execute('where on < CURRENT_DATE')", "execute('where on < %s')"),
    ("x = timezone.now()", "x = timezone.now()  # the bank's own clock decides"),
]
FLOATS = [
    ("x = 0.1", "x = 1"),
    ("x = float(cents)", "x = int(cents)"),
    ("def f(x: float) -> None: ...", "def f(x: int) -> None: ..."),
    ("x = net_cents / 3", "x = net_cents // 3"),
    ("x = order.net_cents / order.quantity", "x = folder / name"),
    ("x /= 100", "x //= 100"),
    ("x = round(a)", "x = money.round_half_up(a)"),
    ("x = models.FloatField()", "x = models.IntegerField()"),
    ("execute('select a::float')", "execute('select a::bigint')"),
    ("def f(wait: float): ...", "def f(wait_s: float): ..."),
    ("PAUSE = 0.5", "PAUSE_S = 0.5"),
    ("wait: float = 0.5", "wait_s: float = 0.5"),
    ("f(timeout=0.5)", "f(timeout_s=0.5)"),
    ("x = 0.5", "# seconds between two looks\nx = 0.5"),
    ("x = 0.5  # noqa: ABC123", "x = 0.5  # noqa: ABC123  seconds, not money"),
]
SWALLOWED = [
    (
        "try: f()\nexcept Exception:\n    pass",
        "try: f()\nexcept Exception:  # one shop must not stop the others\n    pass",
    ),
    ("try: f()\nexcept:\n    pass", "try: f()\nexcept OSError:\n    pass"),
    (
        "try: f()\nexcept Exception:\n    raise ValueError",
        "try: f()\nexcept Exception:\n    raise",
    ),
    (
        "try: f()\nexcept (OSError, BaseException):  # noqa: BLE001\n    pass",
        "try: f()\nexcept (OSError, BaseException):\n    # told to the owner\n    pass",
    ),
]


@pytest.mark.parametrize(
    ("reading", "bad", "good"),
    [(words.clocks, *pair) for pair in CLOCKS]
    + [(words.floats, *pair) for pair in FLOATS]
    + [(words.swallowed, *pair) for pair in SWALLOWED],
)
def test_a_reading_finds_one_and_not_its_twin(
    reading: Reading, bad: str, good: str
) -> None:
    assert list(reading(source.made_up("shops.orders", bad)))
    assert list(reading(source.made_up("shops.orders", good))) == []


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ('<p style="color: red">', '<p class="style">'),
        ("<style>p {}</style>", "{# <style> #}"),
        ("<script>go()</script>", '<script src="a.js"></script>'),
        ("<script>{}</script>", '<script type="application/json">{}</script>'),
        ('<a onclick="go()">', '<a href="?on=1">'),
        ('<a hx-on:click="go()">', '<a hx-get="/x">'),
        ('<a href="javascript:go()">', '<a href="/javascript">'),
        (
            "<p\n  {% if x %}class='a'{% endif %}\n  style='a'>",
            "<!-- <p style='a'> -->",
        ),
    ],
)
def test_the_policy_is_read_from_the_page(bad: str, good: str) -> None:
    assert list(words.page_faults(bad, is_email=False))
    assert list(words.page_faults(good, is_email=False)) == []


def test_an_email_may_carry_style_but_no_handler() -> None:
    assert list(words.page_faults('<p style="a">', is_email=True)) == []
    assert list(words.page_faults('<p onclick="a">', is_email=True))


def test_a_page_begins_with_a_comment_or_what_it_extends() -> None:
    assert words.introduces_itself("{# One row. Needs: order. #}\n<tr>")
    assert words.introduces_itself('{% extends "base.html" %}')
    assert not words.introduces_itself("<tr>{# late #}")

"""The click id, the visitor's hash, and who is no person (rule L3)."""

import string
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliate.common import ids
from creators.clicks import bots, token, visitors
from creators.clicks.token import Flag

AT = datetime(2026, 11, 3, 9, 15, 0, 123457, tzinfo=UTC)
BASE64URL = string.ascii_letters + string.digits + "-_"
MICROS = 1_793_697_300_123_457  # AT

# ------------------------------------------------------------------ token

instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001 (the zone is the next argument)
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001 (the zone is the next argument)
    timezones=st.just(UTC),
)


@given(link_id=st.integers(0, token.MOST_LINK_ID), at=instants, flags=st.integers(0, 7))
def test_a_token_gives_back_what_was_minted(link_id, at, flags):
    touch = token.read(token.mint(link_id, at, flags))

    assert touch == (link_id, at, flags in {1, 3, 5, 7})


def test_a_token_is_43_signs_that_a_query_takes_as_they_are():
    text = token.mint(7, AT)

    assert len(text) == 43
    assert set(text) <= set(BASE64URL)


def test_two_clicks_of_one_microsecond_are_two():
    assert len({token.mint(7, AT) for _ in range(10_000)}) == 10_000


def test_a_token_begins_with_a_uuid_of_version_7():
    raw = uuid.UUID(
        bytes=token.binascii.a2b_base64(
            token.mint(7, AT).replace("-", "+").replace("_", "/") + "="
        )[:16]
    )

    assert raw.version == 7
    assert raw.variant == uuid.RFC_4122
    assert ids.instant_of(raw) == AT


def test_the_redirects_clock_and_the_callers_are_one():
    assert token.read(token.mint_at(7, MICROS, 0)).at == AT


def test_a_link_id_that_does_not_fit_is_refused():
    with pytest.raises(token.struct.error):
        token.mint(token.MOST_LINK_ID + 1, AT)


def test_every_changed_sign_is_refused():
    text = token.mint(7, AT, Flag.BOT)

    forged = [
        text[:place] + sign + text[place + 1 :]
        for place in range(43)
        for sign in BASE64URL
        if sign != text[place]
    ]

    assert len(forged) == 43 * 63
    assert token.read_many(forged) == {}
    assert token.read(text) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "A",
        lambda text: text + "=",
        lambda text: text + "\n",
        lambda text: " " + text,
        lambda text: text[:-1] + "é",
        lambda text: "c-0001",
        lambda text: "A" * 43,
    ],
)
def test_what_is_no_token_is_refused(change):
    assert token.read(change(token.mint(7, AT))) is None


def test_a_token_of_another_installation_is_refused(settings):
    text = token.mint(7, AT)
    settings.SECRET_KEY = "another"

    assert token.read(text) is None
    assert token.read(token.mint(7, AT)) == (7, AT, False)


def test_many_are_read_at_once_and_strangers_are_left_out():
    mine, bot = token.mint(7, AT), token.mint(8, AT, Flag.BOT)

    assert token.read_many([mine, "c-0001", bot]) == {
        mine: (7, AT, False),
        bot: (8, AT, True),
    }


# ------------------------------------------------------------------ visitor

DAY = 86_400_000_000
MIDNIGHT = MICROS // DAY * DAY


def test_a_visitor_is_the_same_for_one_utc_day():
    first = visitors.digest("192.0.2.1", "Firefox", MIDNIGHT)

    assert first == visitors.digest("192.0.2.1", "Firefox", MIDNIGHT + DAY - 1)
    assert first != visitors.digest("192.0.2.1", "Firefox", MIDNIGHT + DAY)
    assert first != visitors.digest("192.0.2.1", "Firefox", MIDNIGHT - 1)


def test_a_visitor_is_an_address_with_an_agent():
    one = visitors.digest("192.0.2.1", "Firefox", MICROS)

    assert one != visitors.digest("192.0.2.2", "Firefox", MICROS)
    assert one != visitors.digest("192.0.2.1", "Safari", MICROS)
    assert len(one) == 24


def test_a_visitors_hash_needs_the_installations_key(settings):
    here = visitors.digest("192.0.2.1", "Firefox", MICROS)
    settings.SECRET_KEY = "another"

    assert visitors.digest("192.0.2.1", "Firefox", MICROS) != here


def test_an_agent_that_is_no_text_has_a_hash_too():
    assert len(visitors.digest("", "\udcff\xff", MICROS)) == 24


# ------------------------------------------------------------------ bots

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
PEOPLE = [
    CHROME + "Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 Instagram 391.0.0.30.108 (iPhone16,2; fr_FR)",
    "Mozilla/5.0 (Linux; Android 14; SM-S918B Build/UP1A.231005.007; wv) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.86 Mobile "
    "Safari/537.36 musical_ly_2023608030 BytedanceWebview/d8a21c6",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0.0.37.107;FBLC/fr_FR]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
    "Mozilla/5.0 (Linux; Android 13; CUBOT X70) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Chrome/129.0.0.0 Mobile Safari/537.36",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/191.253; U; fr) Presto/2.12.423",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
]
BOTS = [
    "",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile "
    "Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
    "WhatsApp/2.23.20.0",
    "TelegramBot (like TwitterBot)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +linkedin.com)",
    "Snap URL Preview Service; bot; snapchat; https://developers.snap.com/robots",
    CHROME + "HeadlessChrome/142.0.0.0 Safari/537.36",
    CHROME + "Chrome/142.0 Safari/537.36 Chrome-Lighthouse",
    "curl/8.5.0",
    "python-requests/2.32.5",
    "Go-http-client/2.0",
    "okhttp/4.12.0",
    "SomethingNew/1.0",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
    "+https://openai.com/gptbot)",
]


@pytest.mark.parametrize("agent", PEOPLE)
def test_a_person_is_no_bot(agent):
    assert not bots.is_bot(agent)
    assert not bots.is_bot(agent)  # also when it is known already


@pytest.mark.parametrize("agent", BOTS)
def test_a_bot_is_known_by_its_agent(agent):
    assert bots.is_bot(agent)
    assert bots.is_bot(agent)


def test_what_is_known_of_agents_does_not_grow_for_ever(monkeypatch):
    monkeypatch.setattr(bots, "_judged", judged := {})
    monkeypatch.setattr(bots, "_MOST_JUDGED", 10)
    for number in range(95):
        bots.is_bot(f"{PEOPLE[0]} {number}")

    assert 0 < len(judged) <= 10
    assert all(isinstance(key, int) for key in judged)


def test_a_long_agent_is_judged_by_its_beginning():
    assert not bots.is_bot(PEOPLE[0] + " " * 1000 + "bot" * 100_000)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_SEC_PURPOSE", "prefetch;prerender"),
        ("HTTP_PURPOSE", "prefetch"),
        ("HTTP_X_PURPOSE", "preview"),
        ("HTTP_X_MOZ", "prefetch"),
        ("HTTP_SEC_FETCH_DEST", "image"),
        ("HTTP_SEC_FETCH_DEST", "iframe"),
        ("HTTP_SEC_FETCH_DEST", "empty"),
    ],
)
def test_nobody_looks_at_what_is_fetched_ahead(name, value):
    assert bots.is_ahead({"HTTP_USER_AGENT": PEOPLE[0], name: value})


def test_a_page_that_is_asked_for_is_looked_at():
    assert not bots.is_ahead({"HTTP_USER_AGENT": PEOPLE[0]})
    assert not bots.is_ahead({"HTTP_SEC_FETCH_DEST": "document"})


def test_the_clock_of_the_tests_is_right():
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=MICROS) == AT

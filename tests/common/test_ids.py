import string
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliate.common import ids

AT = datetime(2026, 11, 3, 10, 15, 0, 123_456, tzinfo=UTC)
instants = st.datetimes(
    min_value=datetime(1970, 1, 1),  # noqa: DTZ001  the zone is given below
    max_value=datetime(2200, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)


def test_a_uuid7_is_laid_out_as_in_rfc_9562():
    value = ids.uuid7(datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC))

    assert str(value).startswith("017f22e2-79b0-7")
    assert (value.version, value.variant) == (7, "specified in RFC 4122")


@given(at=instants)
def test_a_uuid7_gives_its_instant_back_to_the_microsecond(at):
    assert ids.instant_of(ids.uuid7(at)) == at


@given(at=instants)
def test_uuid7s_sort_by_time_within_a_millisecond(at):
    assert ids.uuid7(at) < ids.uuid7(at + timedelta(microseconds=1))


def test_uuid7s_of_one_instant_differ():
    assert len({ids.uuid7(AT) for _ in range(1000)}) == 1000


def test_a_uuid7_before_1970_is_refused():
    with pytest.raises(ValueError, match="1970"):
        ids.uuid7(datetime(1969, 12, 31, tzinfo=UTC))


def test_other_uuids_hold_no_instant():
    with pytest.raises(ValueError, match="version 7"):
        ids.instant_of(ids.uuid7(AT).__class__("9f8b6a10-1234-4abc-8def-0123456789ab"))


# ------------------------------------------------------------------ hashes


def test_a_keyed_hash_is_for_one_purpose_and_one_key(settings):
    settings.SECRET_KEY = "one"
    of_email = ids.keyed_hash("email", "lea")

    assert len(of_email) == 64
    assert ids.keyed_hash("email", "lea") == of_email
    assert ids.keyed_hash("address", "lea") != of_email
    settings.SECRET_KEY = "two"
    assert ids.keyed_hash("email", "lea") != of_email


@pytest.mark.parametrize(
    "spelling",
    [
        "lea.martin@gmail.com",
        "LEA.Martin@Gmail.COM",
        "leamartin@gmail.com",
        "l.e.a.martin+shop@gmail.com",
        "leamartin@googlemail.com",
        "  lea.martin@gmail.com\n",
        "lea.martin@gmail.com.",
        "ｌea.martin@gmail.com",
    ],
)
def test_spellings_of_one_mailbox_are_one_address(spelling):
    assert ids.normalise_email(spelling) == "leamartin@gmail.com"
    assert ids.email_hash(spelling) == ids.email_hash("leamartin@gmail.com")


@pytest.mark.parametrize(
    ("email", "normal"),
    [
        ("Lea.Martin+tag@maison.fr", "lea.martin@maison.fr"),
        ("lea@MÜLLER.example", "lea@xn--mller-kva.example"),
        ("lea@xn--mller-kva.example", "lea@xn--mller-kva.example"),
        ("+tag@maison.fr", "+tag@maison.fr"),
        ("....@gmail.com", "....@gmail.com"),
        ("Not An Address", "notanaddress"),
        ("a@b@maison.fr", "a@b@maison.fr"),
        ("lea@" + "x" * 70 + ".fr", "lea@" + "x" * 70 + ".fr"),
        ("", ""),
        ("@", "@"),
    ],
)
def test_other_addresses_keep_what_matters_to_their_host(email, normal):
    assert ids.normalise_email(email) == normal


def test_dots_matter_elsewhere():
    assert ids.email_hash("lea.m@maison.fr") != ids.email_hash("leam@maison.fr")


# ------------------------------------------------------------------ random


def test_a_slug_is_easy_to_read_aloud():
    signs = set("".join(ids.new_slug() for _ in range(500)))

    assert signs == set(string.ascii_lowercase + string.digits) - set("01ilo")
    assert len(ids.new_slug()) == 10
    assert len(ids.new_slug(6)) == 6


def test_secrets_are_long_prefixed_and_never_the_same():
    secrets = {ids.new_secret("mk_live") for _ in range(100)}

    assert len(secrets) == 100
    assert all(len(s) == 56 and s.startswith("mk_live_") for s in secrets)


def test_a_secret_is_looked_up_by_its_hash():
    expected = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b"

    assert ids.secret_hash("secret") == expected

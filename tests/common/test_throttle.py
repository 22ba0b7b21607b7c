import socket
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings as django_settings
from rest_framework.test import APIRequestFactory

from affiliate.common import throttle
from affiliate.common.api import RateThrottle
from affiliate.common.ids import new_slug
from affiliate.common.throttle import CannotCount, Limit, TooMany
from tests.common.doors import Key
from tests.common.racing import race

pytestmark = pytest.mark.servers

AT = datetime(2026, 11, 3, 10, 15, tzinfo=UTC)


def limit(times: int = 3, *, fails_open: bool = False) -> Limit:
    """Three a minute, under a name of its own."""
    return Limit(new_slug(), times, timedelta(minutes=1), fails_open)


def used(lim: Limit, who: str, at: datetime = AT) -> bool:
    try:
        throttle.check(lim, who, at=at)
    except TooMany:
        return False
    return True


# ------------------------------------------------------------------ counting


def test_a_limit_may_be_spent_at_once_and_no_further():
    three = limit()

    assert [used(three, "lea") for _ in range(5)] == [True, True, True, False, False]


def test_who_is_refused_is_told_when_it_goes_on():
    three = limit()
    for _ in range(3):
        throttle.check(three, "lea", at=AT)

    with pytest.raises(TooMany) as refused:
        throttle.check(three, "lea", at=AT + timedelta(seconds=5))

    assert (refused.value.status, refused.value.retry_after_s) == (429, 15)
    assert not used(three, "lea", AT + timedelta(seconds=19))
    assert used(three, "lea", AT + timedelta(seconds=20))
    assert not used(three, "lea", AT + timedelta(seconds=20))


def test_a_refused_use_is_not_counted():
    three = limit()
    for _ in range(100):
        used(three, "lea")

    assert used(three, "lea", AT + timedelta(seconds=20))


def test_after_the_window_all_is_there_again():
    three = limit()
    for _ in range(3):
        used(three, "lea")

    later = AT + timedelta(minutes=1)
    assert [used(three, "lea", later) for _ in range(4)] == [True] * 3 + [False]


def test_everyone_and_every_limit_is_counted_apart():
    one, other = limit(1), limit(1)

    assert used(one, "lea")
    assert used(one, "noa")
    assert used(other, "lea")
    assert not used(one, "lea")


def test_who_is_not_written_down():
    name = new_slug()
    throttle.check(Limit(name, 3, timedelta(minutes=1), False), "1.2.3.4", at=AT)

    client = throttle._client(django_settings.REDIS_URL)
    (key,) = client.scan_iter(f"limit:{name}:*")
    assert b"1.2.3.4" not in key
    assert 0 < client.pttl(key) <= 20_000


def test_of_fifty_at_once_as_many_as_allowed_pass():
    ten = limit(10)

    results = race([lambda: used(ten, "lea")] * 50)

    assert results.count(True) == 10
    assert results.count(False) == 40


# ------------------------------------------------------------------ Redis down


@pytest.fixture(params=["nobody listens", "nobody answers"])
def redis_down(request, settings):
    """An address where Redis is gone, or hangs."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if request.param == "nobody listens":
            server.close()
        settings.REDIS_URL = f"redis://127.0.0.1:{port}"
        yield
    throttle._client.cache_clear()


@pytest.mark.usefixtures("redis_down")
def test_with_redis_down_a_redirect_goes_on(caplog):
    began = time.monotonic()

    throttle.check(limit(fails_open=True), "1.2.3.4", at=AT)

    assert time.monotonic() - began < 1
    assert "cannot count" in caplog.text
    assert "1.2.3.4" not in caplog.text


@pytest.mark.usefixtures("redis_down")
def test_with_redis_down_a_password_cannot_be_guessed():
    with pytest.raises(CannotCount) as refused:
        throttle.check(limit(), "lea", at=AT)

    assert (refused.value.status, refused.value.retry_after_s) == (503, 5)


# ------------------------------------------------------------------ the throttle


class Twice(RateThrottle):
    limit = limit(2)


def request(*, owner: str = "", address: str = "10.0.0.9", forwarded: str = ""):
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    made = APIRequestFactory().get("/", REMOTE_ADDR=address, **headers)
    made.auth = Key(owner) if owner else None
    return made


def test_a_key_is_counted_whatever_its_address():
    assert Twice().who(request(owner="shop:1", address="10.0.0.1")) == "shop:1"


def test_without_a_key_the_address_is_counted(settings):
    assert Twice().who(request()) == "10.0.0.9"
    assert Twice().who(request(forwarded="6.6.6.6")) == "10.0.0.9"

    settings.TRUSTED_PROXIES = 1
    assert Twice().who(request(forwarded="6.6.6.6")) == "6.6.6.6"


def test_the_framework_is_told_by_a_refusal():
    twice, shop = Twice(), request(owner=new_slug())

    assert twice.allow_request(shop, None)
    assert twice.allow_request(shop, None)
    with pytest.raises(TooMany):
        twice.allow_request(shop, None)

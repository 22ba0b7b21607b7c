"""API keys: shown once, stored as a hash, refused at once when revoked."""

from datetime import timedelta

import pytest

from affiliate.common.models import AuditEntry
from shops import keys
from shops.models import ApiKey
from tests.factories.shops import MOMENT, ShopFactory

pytestmark = pytest.mark.django_db
SCOPES = ["orders:write", "orders:read"]
SECOND = timedelta(seconds=1)


@pytest.fixture
def shop():
    return ShopFactory()


def test_a_key_opens_until_it_is_revoked(shop):
    key, secret = keys.create(shop, SCOPES, at=MOMENT, name="till")

    found = keys.authenticate(secret, at=MOMENT)
    assert found == key
    assert (found.shop, found.scopes) == (shop, sorted(SCOPES))

    for moment in (MOMENT + SECOND, MOMENT + 2 * SECOND):
        assert keys.revoke(key, at=moment).revoked_at == MOMENT + SECOND
    assert keys.authenticate(secret, at=MOMENT + SECOND) is None


def test_the_secret_itself_is_kept_nowhere(shop):
    key, secret = keys.create(shop, SCOPES, at=MOMENT)

    stored = [*ApiKey.objects.values().get().values(), AuditEntry.objects.get().after]
    assert not [value for value in stored if secret in str(value)]
    assert secret.startswith(key.prefix)
    assert len(secret) - len(key.prefix) == 40


@pytest.mark.parametrize("wrong", ["", "mk_", "x" * 500, "mk_é", "\x00"])
def test_what_is_no_key_opens_nothing(shop, wrong):
    keys.create(shop, SCOPES, at=MOMENT)

    assert keys.authenticate(wrong, at=MOMENT) is None


def test_a_key_with_one_other_sign_opens_nothing(shop):
    _key, secret = keys.create(shop, SCOPES, at=MOMENT)
    last = "0" if secret[-1] != "0" else "1"

    assert keys.authenticate(secret[:-1] + last, at=MOMENT) is None


def test_a_key_expires_to_the_second(shop):
    _key, secret = keys.create(shop, SCOPES, at=MOMENT, expires_at=MOMENT + 9 * SECOND)

    assert keys.authenticate(secret, at=MOMENT + 8 * SECOND)
    assert keys.authenticate(secret, at=MOMENT + 9 * SECOND) is None


@pytest.mark.parametrize("scopes", [[], ["orders:write", "everything"]])
def test_a_key_has_scopes_that_exist(shop, scopes):
    with pytest.raises(keys.UnknownScope):
        keys.create(shop, scopes, at=MOMENT)

    assert not ApiKey.objects.exists()


def test_a_key_that_would_never_work_is_refused(shop):
    with pytest.raises(keys.KeyAlreadyExpired):
        keys.create(shop, SCOPES, at=MOMENT, expires_at=MOMENT)


def test_a_key_without_a_shop_is_the_platforms():
    key, _secret = keys.create(None, SCOPES, at=MOMENT)

    assert key.shop is None
    assert AuditEntry.objects.get().chain == "platform"
    assert key.idempotency_owner == f"key:{key.pk}"


def test_a_new_key_of_a_shop_answers_the_repeats_of_the_old(shop):
    old, _secret = keys.create(shop, SCOPES, at=MOMENT)
    new, _secret = keys.create(shop, SCOPES, at=MOMENT)

    assert old.idempotency_owner == new.idempotency_owner

"""`manage.py create_api_key`: the key is printed once, or the fault is."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from affiliate.common.models import AuditEntry
from shops.models import ApiKey
from tests.factories.shops import ShopFactory
from tests.shops.asking import Asker

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory(slug="lune")


def make(*words, shop="lune", scopes=("orders:write", "orders:read")):
    out = io.StringIO()
    call_command(
        "create_api_key", "--shop", shop, *words, "--scopes", *scopes, stdout=out
    )
    return out.getvalue()


def test_the_key_that_is_printed_opens_the_doors_of_its_scopes(shop):
    printed = json.loads(make("--json", "--name", "till"))

    assert set(printed) == {"key", "prefix", "shop", "scopes"}
    assert (printed["shop"], printed["scopes"]) == ("lune", "orders:read orders:write")
    assert printed["key"].startswith(printed["prefix"])
    assert ApiKey.objects.get().name == "till"
    client = Asker(secret=printed["key"])
    assert client.read("/orders/1001").status_code == 404
    assert client.read("/commissions").status_code == 403


def test_the_key_is_printed_once_and_kept_nowhere(shop):
    printed = make()

    (secret,) = [line[5:] for line in printed.splitlines() if line.startswith("key: ")]
    assert printed.count(secret) == 1
    stored = [*ApiKey.objects.values().get().values(), AuditEntry.objects.get().after]
    assert not [value for value in stored if secret in str(value)]


def test_scopes_may_be_parted_by_commas(shop):
    make(scopes=["orders:write,commissions:read"])

    assert ApiKey.objects.get().scopes == ["commissions:read", "orders:write"]


def test_a_key_may_end(shop):
    printed = json.loads(make("--json", "--expires", "2100-01-01T00:00:00+01:00"))

    assert printed["expires_at"] == "2100-01-01T00:00:00+01:00"
    assert ApiKey.objects.get().expires_at.isoformat() == "2099-12-31T23:00:00+00:00"


def test_a_key_is_made_at_the_moment_that_is_asked_for(shop):
    make("--at", "2026-01-01T00:00:00Z")

    assert ApiKey.objects.get().created_at.year == 2026
    assert ApiKey.objects.get().created_at.month == 1


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        ([], {"shop": "sole"}, "There is no shop 'sole'. There are: lune."),
        (
            [],
            {"scopes": ["orders:all"]},
            "unknown_scope: orders:all Choose among orders:write, orders:read,",
        ),
        ([], {"scopes": [","]}, "unknown_scope: "),
        (["--expires", "tomorrow"], {}, "'tomorrow' is not an instant"),
        (["--expires", "2027-01-01"], {}, "'2027-01-01' is not an instant with an off"),
        (
            ["--expires", "2020-01-01T00:00:00Z"],
            {},
            "key_already_expired: The key would expire before it is made.",
        ),
        (["--name", "x" * 81], {}, "--name has 80 signs at most."),
    ],
)
def test_a_fault_is_told_and_leaves_no_key(shop, words, more, said):
    with pytest.raises(CommandError) as refused:
        make(*words, **more)

    assert said in str(refused.value)
    assert not ApiKey.objects.exists()


def test_without_any_shop_it_says_so():
    with pytest.raises(CommandError, match="There is none yet"):
        make()

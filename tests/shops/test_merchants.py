"""Members and webhook secrets: who may be taken out, and what happens at once."""

from functools import partial
from threading import Barrier
from typing import Any

import pytest

from affiliate.common.models import AuditEntry, User
from shops import exclusions, merchants, terms
from shops.models import Member, Role, WebhookSecret
from tests.common.racing import race
from tests.factories import (
    ExclusionFactory,
    MemberFactory,
    ShopFactory,
    UserFactory,
    WebhookSecretFactory,
)
from tests.factories.shops import MOMENT


@pytest.mark.django_db
def test_an_unknown_address_gets_an_account_that_cannot_sign_in_yet() -> None:
    shop = ShopFactory()

    made = merchants.add_member(
        shop, " New@Mail.example ", Role.MANAGER, by=None, at=MOMENT
    )

    assert made.user.email == "new@mail.example"
    assert made.user.is_staff
    assert not made.user.has_usable_password()


@pytest.mark.django_db
def test_a_known_address_keeps_its_account() -> None:
    known = UserFactory(password="a long enough one")

    made = merchants.add_member(
        ShopFactory(), known.email, Role.ANALYST, by=None, at=MOMENT
    )

    assert made.user == known
    assert User.objects.get().check_password("a long enough one")


@pytest.mark.django_db
def test_the_trail_names_members_by_number() -> None:
    made = merchants.add_member(
        ShopFactory(), "new@mail.example", Role.ANALYST, by=None, at=MOMENT
    )
    merchants.change_role(made.pk, Role.MANAGER, by=None, at=MOMENT)

    trail = [(entry.action, entry.after) for entry in AuditEntry.objects.order_by("pk")]
    assert trail == [
        ("member.added", {"user": made.user_id, "role": "analyst"}),
        ("member.changed", {"user": made.user_id, "role": "manager"}),
    ]


@pytest.mark.django_db
def test_the_same_role_again_changes_nothing() -> None:
    owner = MemberFactory()

    merchants.change_role(owner.pk, Role.OWNER, by=None, at=MOMENT)

    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "verb",
    [
        merchants.remove_member,
        lambda pk, **who: merchants.change_role(pk, Role.ANALYST, **who),
    ],
)
@pytest.mark.parametrize("others", [0, 1])
def test_a_shop_keeps_an_owner(verb: Any, others: int) -> None:
    owner = MemberFactory()
    MemberFactory.create_batch(others, shop=owner.shop)

    if others:
        verb(owner.pk, by=None, at=MOMENT)
    else:
        with pytest.raises(merchants.LastOwner):
            verb(owner.pk, by=None, at=MOMENT)

    assert Member.objects.filter(shop=owner.shop, role=Role.OWNER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_owners_who_leave_at_once_leave_one_behind() -> None:
    shop = ShopFactory()
    owners = MemberFactory.create_batch(8, shop=shop)

    came_of = race(
        [
            partial(merchants.remove_member, owner.pk, by=None, at=MOMENT)
            for owner in owners
        ]
    )

    refused = [each for each in came_of if each is not None]
    assert [type(each) for each in refused] == [merchants.LastOwner]
    assert shop.members.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_shops_lock_all_of_them_could_leave(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hold every owner between the look and the step: none sees another go."""
    shop = ShopFactory()
    owners = MemberFactory.create_batch(2, shop=shop)
    looked, demand = Barrier(2, timeout=20), merchants._demand_another_owner

    def unlocked(member_id: int) -> Member:
        return Member.objects.select_related("user", "shop").get(pk=member_id)

    def wait(member: Member) -> None:
        demand(member)
        looked.wait()

    monkeypatch.setattr(merchants, "_locked", unlocked)
    monkeypatch.setattr(merchants, "_demand_another_owner", wait)

    race(
        [
            partial(merchants.remove_member, owner.pk, by=None, at=MOMENT)
            for owner in owners
        ]
    )

    assert not shop.members.exists()


@pytest.mark.django_db
def test_a_secret_is_added_and_ended_once() -> None:
    shop = ShopFactory()
    add = partial(
        merchants.add_webhook_secret, shop, "shopify", "s3cret", by=None, at=MOMENT
    )

    first, second = add(), add()
    merchants.end_webhook_secret(first.pk, by=None, at=MOMENT)
    merchants.end_webhook_secret(first.pk, by=None, at=MOMENT)

    assert first == second
    assert WebhookSecret.objects.get().ends_at == MOMENT
    actions = [entry.action for entry in AuditEntry.objects.order_by("pk")]
    assert actions == ["webhook_secret.added", "webhook_secret.ended"]


@pytest.mark.django_db
def test_two_secrets_are_live_while_one_takes_over() -> None:
    old = WebhookSecretFactory(secret="old")
    merchants.add_webhook_secret(old.shop, "shopify", "new", by=None, at=MOMENT)
    live = partial(merchants.live_webhook_secrets, old.shop, "shopify", at=MOMENT)

    assert set(live()) == {"old", "new"}
    merchants.end_webhook_secret(old.pk, by=None, at=MOMENT)

    assert live() == ["new"]


# ------------------------------------------------------------------ exclusions


@pytest.mark.django_db
def test_an_exclusion_ends_once() -> None:
    row = ExclusionFactory()

    exclusions.end(row, MOMENT, at=MOMENT)
    again = exclusions.end(row, MOMENT, at=MOMENT)

    assert again.ends_at == MOMENT
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("starts_at", "ends_at", "now_ends_at"),
    [
        (None, None, MOMENT.replace(day=2)),
        (None, MOMENT.replace(day=2), MOMENT.replace(day=9)),
        (MOMENT.replace(day=9), None, MOMENT.replace(day=8)),
    ],
    ids=["an end in the past", "it is over", "before its start"],
)
def test_an_exclusion_keeps_the_end_it_cannot_have(
    starts_at: Any, ends_at: Any, now_ends_at: Any
) -> None:
    row = ExclusionFactory(starts_at=starts_at, ends_at=ends_at)

    with pytest.raises(terms.InvalidTerm):
        exclusions.end(row, now_ends_at, at=MOMENT)

    row.refresh_from_db()
    assert row.ends_at == ends_at

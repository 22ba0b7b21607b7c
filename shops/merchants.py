"""Who works for a shop, and what its shop system signs with."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from affiliate.common import audit
from affiliate.common.errors import Refusal
from affiliate.common.models import User
from shops.models import Member, Role, Shop, WebhookSecret


class LastOwner(Refusal):
    """A shop without an owner could not be managed by anyone."""

    code = "last_owner"
    title = _("This is the shop's last owner.")
    way_out = _("Make someone else an owner first.")


class AlreadyMember(Refusal):
    """The person works for the shop already, perhaps in another role."""

    code = "already_member"
    title = _("This person is already a member.")
    way_out = _("Change their role instead.")


@transaction.atomic
def add_member(
    shop: Shop, email: str, role: Role, *, by: User | None, at: datetime
) -> Member:
    """Let a person into a shop; an unknown address gets an account without password.

    They choose one through the sign-in page's "forgotten password". Raises
    AlreadyMember, and says nothing of whether the address had an account.
    """
    Shop.objects.select_for_update().get(pk=shop.pk)
    user = User.objects.filter(email=email.strip().lower()).first()
    if user is None:
        user = User.objects.create_user(email, is_staff=True)
    elif not user.is_staff:
        user.is_staff = True
        user.save(update_fields=["is_staff"])
    if Member.objects.filter(shop=shop, user=user).exists():
        raise AlreadyMember(errors={"email": [AlreadyMember.title]})
    member = Member.objects.create(shop=shop, user=user, role=role)
    _record(member, "member.added", by, at, after={"role": member.role})
    return member


@transaction.atomic
def change_role(member_id: int, role: Role, *, by: User | None, at: datetime) -> Member:
    """Give a member another role; the same again changes nothing. Raises LastOwner."""
    member = _locked(member_id)
    if member.role == role:
        return member
    before = member.role
    if before == Role.OWNER:
        _demand_another_owner(member)
    member.role = role
    member.save(update_fields=["role"])
    _record(
        member, "member.changed", by, at, before={"role": before}, after={"role": role}
    )
    return member


@transaction.atomic
def remove_member(member_id: int, *, by: User | None, at: datetime) -> None:
    """End a membership; who works for nobody any more cannot enter the admin.

    Raises LastOwner.
    """
    member = _locked(member_id)
    if member.role == Role.OWNER:
        _demand_another_owner(member)
    user = member.user
    _record(member, "member.removed", by, at, before={"role": member.role})
    member.delete()
    is_ours = user.is_superuser or user.groups.exists()
    if not is_ours and not user.shops.exists():
        user.is_staff = False
        user.save(update_fields=["is_staff"])


@transaction.atomic
def add_webhook_secret(
    shop: Shop, system: str, secret: str, *, by: User | None, at: datetime
) -> WebhookSecret:
    """Accept webhooks signed with a further secret; those before it stay until ended.

    Known already, it is returned as it is.
    """
    row, is_new = WebhookSecret.objects.get_or_create(
        shop=shop, system=system, secret=secret
    )
    if is_new:
        audit.record(
            f"shop:{shop.pk}",
            "webhook_secret.added",
            row,
            at=at,
            actor=by,
            after={"system": system},
        )
    return row


@transaction.atomic
def end_webhook_secret(
    secret_id: int, *, by: User | None, at: datetime
) -> WebhookSecret:
    """Accept a secret no longer from `at` on; twice changes nothing."""
    row = WebhookSecret.objects.select_for_update().get(pk=secret_id)
    if row.ends_at is not None and row.ends_at <= at:
        return row
    row.ends_at = at
    row.save(update_fields=["ends_at"])
    audit.record(
        f"shop:{row.shop_id}",
        "webhook_secret.ended",
        row,
        at=at,
        actor=by,
        before={"system": row.system},
    )
    return row


def managers(shop_id: int) -> "QuerySet[User]":
    """Return who is told what happens to a shop's programs: owners and managers."""
    roles = (Role.OWNER, Role.MANAGER)
    return User.objects.filter(shops__shop=shop_id, shops__role__in=roles)


def live_webhook_secrets(shop: Shop, system: str, *, at: datetime) -> list[str]:
    """Return what this shop's system may sign with at this moment."""
    return list(
        shop.webhook_secrets.filter(system=system)
        .exclude(ends_at__lte=at)
        .values_list("secret", flat=True)
    )


def _locked(member_id: int) -> Member:
    """Lock the shop before its member: owners who leave at once leave one behind."""
    shop_id = Member.objects.values_list("shop_id", flat=True).get(pk=member_id)
    Shop.objects.select_for_update().get(pk=shop_id)
    return Member.objects.select_related("user", "shop").get(pk=member_id)


def _demand_another_owner(member: Member) -> None:
    others = Member.objects.filter(shop=member.shop_id, role=Role.OWNER)
    if not others.exclude(pk=member.pk).exists():
        raise LastOwner


def _record(
    member: Member,
    action: str,
    by: User | None,
    at: datetime,
    *,
    before: dict[str, str] | None = None,
    after: dict[str, str] | None = None,
) -> None:
    # The user's id, never the address: the trail outlives the person.
    subject = {"user": member.user_id}
    audit.record(
        f"shop:{member.shop_id}",
        action,
        member,
        at=at,
        actor=by,
        before=None if before is None else subject | before,
        after=None if after is None else subject | after,
    )

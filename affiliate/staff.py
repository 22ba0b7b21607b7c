"""The platform's own people: administrators, finance, support."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.auth.models import Group, Permission
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common.errors import Refusal, Words
from affiliate.common.models import User

ADMINISTRATOR = "administrator"
# What each group may do, as app.model: actions. Support reads what a question from a
# shop or a creator is about; money's way out and whose account it goes to is finance's.
_READ_BY_ALL = (
    "shops.shop",
    "shops.program",
    "shops.audience",
    "shops.rate",
    "shops.exclusion",
    "shops.boost",
    "shops.category",
    "shops.product",
    "shops.order",
    "shops.inboundevent",
    "shops.earlyevent",
    "creators.creator",
    "creators.enrollment",
    "creators.groupmember",
    "creators.link",
    "creators.code",
    "payouts.commission",
)
_GROUPS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "support": dict.fromkeys(_READ_BY_ALL, ("view",)),
    "finance": {
        **dict.fromkeys(_READ_BY_ALL, ("view",)),
        "payouts.run": ("view", "add", "change"),
        "payouts.payout": ("view", "change"),
        "payouts.payoutline": ("view",),
        "payouts.payoutskip": ("view",),
        "payouts.bankaccount": ("view",),
        "payouts.taxprofile": ("view",),
        "payouts.ledgeraccount": ("view",),
        "payouts.ledgerentry": ("view",),
        "payouts.ledgerleg": ("view",),
    },
}
ROLES = (ADMINISTRATOR, *sorted(_GROUPS))


class UnknownRole(Refusal):
    """There is no such group of staff."""

    code: ClassVar[str] = "unknown_role"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("There is no such role.")


class WeakPassword(Refusal):
    """The password would be guessed: nobody is made."""

    code: ClassVar[str] = "weak_password"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This password is too weak.")
    way_out = _("Choose a longer one, or none: it can be set by e-mail.")


@transaction.atomic
def provide_groups() -> None:
    """Make the groups and give each exactly its permissions; again changes nothing."""
    known = {
        f"{row.content_type.app_label}.{row.codename}": row
        for row in Permission.objects.select_related("content_type")
    }
    for name, models in sorted(_GROUPS.items()):
        group, _is_new = Group.objects.get_or_create(name=name)
        wanted = {
            known[f"{app}.{action}_{model}"]
            for label, actions in models.items()
            for app, _dot, model in (label.partition("."),)
            for action in actions
        }
        if set(group.permissions.all()) != wanted:
            group.permissions.set(wanted)


@transaction.atomic
def create(
    email: str, role: str, *, password: str | None = None, name: str = ""
) -> tuple[User, bool]:
    """Let a person into the back office and say whether the account is new.

    Known already, they get the role instead of the one they had, and keep their
    password unless one is given. Raises UnknownRole and WeakPassword.
    """
    if role not in ROLES:
        raise UnknownRole(role, way_out=", ".join(ROLES))
    email = email.strip().lower()
    user = User.objects.filter(email=email).first()
    is_new = user is None
    if user is None:
        user = User(email=email, name=name)
        user.set_unusable_password()
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            raise WeakPassword(errors={"password": error.messages}) from error
        user.set_password(password)
    user.is_staff, user.is_superuser = True, role == ADMINISTRATOR
    user.name = name or user.name
    user.save()
    provide_groups()
    user.groups.set(Group.objects.filter(name=role))
    return user, is_new

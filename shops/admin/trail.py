"""The audit trail as the admin writes it for its forms, and shows it for a row."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.timezone import now

from affiliate.common import audit
from affiliate.common.models import AuditEntry, User
from shops.models import Member

_MOST = 200


def record_change(
    who: User, obj: Model, form: Any, change: bool, shop: int | None
) -> None:
    """Enter a change made by a form into the shop's audit trail."""
    names = [name for name in form.changed_data if hasattr(obj, name)]
    audit.record(
        f"shop:{shop}",
        f"{obj._meta.model_name}.{'changed' if change else 'added'}",
        obj,
        at=now(),
        actor=who,
        before={name: _plain(form.initial.get(name)) for name in names}
        if change
        else None,
        after={name: _plain(form.cleaned_data.get(name)) for name in names},
    )


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def trail_of(
    request: HttpRequest, label: str, object_id: str, shops: set[int]
) -> list[tuple[AuditEntry, bool]]:
    """Return a row's entries, the latest first, and whether the reader knows the actor.

    Members know the members of their own shops; anybody else is the platform to them.
    """
    entries = AuditEntry.objects.filter(object_type=label, object_id=object_id)
    known = None
    if not request.user.has_perm("common.view_auditentry"):
        members = Member.objects.filter(shop__in=shops)
        known = set(members.values_list("user", flat=True))
    return [
        (entry, known is None or entry.actor_id in known)
        for entry in entries.select_related("actor").order_by("-at", "-pk")[:_MOST]
    ]

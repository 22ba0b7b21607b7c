"""Messages of shop systems: kept as they came, then read and applied.

One module a shop system, found by its file in this folder: `woocommerce.py` with
`read`, and the system is known. Modules that begin with `_` are shared.
"""

import importlib
import pkgutil
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from django.db import transaction
from django.utils import translation

from affiliate.common.errors import Refusal
from shops import orders
from shops.intake import _kept
from shops.intake._events import (
    Binned,
    Erase,
    Event,
    Happened,
    Nothing,
    NotUnderstood,
    Ordered,
    Unclear,
)
from shops.models import InboundEvent, InboundStatus, Shop

__all__ = [
    "Binned",
    "Erase",
    "Event",
    "Happened",
    "NotUnderstood",
    "Nothing",
    "Ordered",
    "System",
    "Unclear",
    "receive",
    "retry",
    "system",
    "systems",
]

_LONGEST_TOPIC = InboundEvent._meta.get_field("topic").max_length
_LONGEST_SYSTEM = InboundEvent._meta.get_field("system").max_length


class System(Protocol):
    """What a module of this folder offers."""

    def read(
        self, topic: str, body: bytes, shop: Shop, *, at: datetime
    ) -> Sequence[Event]:
        """Return what the message says. Raises NotUnderstood."""


@cache
def systems() -> tuple[str, ...]:
    """Return the names of the shop systems, one for each module of this folder."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def system(name: str) -> System:
    """Return the module of a shop system. Raises NotUnderstood for an unknown one."""
    if name not in systems():
        raise NotUnderstood(f"Known shop systems are {', '.join(systems())}.", name)
    module: System = importlib.import_module(f"shops.intake.{name}")
    return module


def receive(
    shop: Shop, system_name: str, topic: str, body: bytes, *, at: datetime
) -> InboundEvent:
    """Keep a message whose signature was checked, then apply it; return what was kept.

    The bytes are committed before anyone reads them (outside a caller's transaction).
    What cannot be understood, or is refused, stays with its reason as `failed` and can
    be tried again. The same message twice is kept twice and applied once: what it says
    is known by the order's number and version, not by the message.
    """
    event = InboundEvent.objects.create(
        shop=shop,
        system=system_name[:_LONGEST_SYSTEM],
        topic=topic[:_LONGEST_TOPIC],
        body=body,
        received_at=at,
    )
    return _handle(event, at)


def retry(event: InboundEvent, *, at: datetime) -> InboundEvent:
    """Read and apply a kept message again, after a correction here or there."""
    return _handle(InboundEvent.objects.select_related("shop").get(pk=event.pk), at)


def _handle(event: InboundEvent, at: datetime) -> InboundEvent:
    try:
        # One language: the reason is kept, and who reads it is not who sent this.
        with translation.override("en"), transaction.atomic():
            said = system(event.system).read(
                event.topic, bytes(event.body), event.shop, at=at
            )
            said = [_settled(each, event) for each in said]
            status, reason = _apply(event.shop, said, at)
    except NotUnderstood as error:
        status, reason = InboundStatus.FAILED, str(error)
    except Refusal as refusal:
        with translation.override("en"):
            status, reason = InboundStatus.FAILED, f"{refusal.code}: {refusal}"
    event.status, event.reason, event.handled_at = status, reason, at
    event.save(update_fields=["status", "reason", "handled_at"])
    return event


def _settled(said: Event, message: InboundEvent) -> Event:
    """Return what is said once it is known what is kept here."""
    if isinstance(said, Binned):
        return _kept.called_off(said, message)
    return _kept.erase(said, message) if isinstance(said, Erase) else said


def _apply(
    shop: Shop, said: Sequence[Event], at: datetime
) -> tuple[InboundStatus, str]:
    """Apply what a message says and return how that went, with the reason."""
    versions = [each.facts for each in said if isinstance(each, Ordered)]
    events = [(each.order, each.event) for each in said if isinstance(each, Happened)]
    outcomes = orders.record_many(shop, versions, at=at) if versions else []
    if events:
        # Nobody reads the answer to a webhook: what is refused for now is kept.
        outcomes += orders.apply_many(shop, events, at=at, keep_refused=True)
    refused = [_words(outcome) for outcome in outcomes if outcome.code]
    refused += [each.reason for each in said if isinstance(each, Unclear)]
    if refused:
        return InboundStatus.FAILED, "; ".join(refused)
    if outcomes:
        waiting = [o.external_id for o in outcomes if o.status == "kept"]
        kept = f"Kept until its order comes: {', '.join(waiting)}." if waiting else ""
        return InboundStatus.APPLIED, kept
    reasons = [each.reason for each in said if isinstance(each, Nothing)]
    return InboundStatus.IGNORED, " ".join(reasons)


def _words(outcome: orders.Outcome) -> str:
    places = (f"{path}: {' '.join(said)}" for path, said in outcome.errors.items())
    return f"{outcome.external_id}: {outcome.code} ({'; '.join(places)})"

"""What was bought, given back, called off and delivered: facts that converge."""

from shops.orders.errors import (
    BelowRefunded,
    CurrencyChanged,
    InvalidMoment,
    InvalidOrder,
    InvalidRefund,
    OrderConflict,
    RefundConflict,
    RefundExceedsPaid,
    UnknownLine,
)
from shops.orders.events import apply_many, cancel, deliver, refund, refund_many
from shops.orders.facts import (
    CancelFacts,
    DeliveryFacts,
    Event,
    LineFacts,
    OrderFacts,
    Outcome,
    RefundFacts,
    RefundLineFacts,
)
from shops.orders.parse import parse, parse_instant, parse_refund
from shops.orders.record import record, record_many

__all__ = [
    "BelowRefunded",
    "CancelFacts",
    "CurrencyChanged",
    "DeliveryFacts",
    "Event",
    "InvalidMoment",
    "InvalidOrder",
    "InvalidRefund",
    "LineFacts",
    "OrderConflict",
    "OrderFacts",
    "Outcome",
    "RefundConflict",
    "RefundExceedsPaid",
    "RefundFacts",
    "RefundLineFacts",
    "UnknownLine",
    "apply_many",
    "cancel",
    "deliver",
    "parse",
    "parse_instant",
    "parse_refund",
    "record",
    "record_many",
    "refund",
    "refund_many",
]

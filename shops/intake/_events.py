"""What every shop system's messages are read into."""

import json
from dataclasses import dataclass
from typing import Any

from affiliate.common.errors import Refusal
from shops import orders


class NotUnderstood(Exception):  # noqa: N818  named for the state, as the house does
    """A message or file cannot be read; `where` is the place inside it.

    The bytes are kept by whoever has them: nothing is lost, and it can be tried again.
    """

    def __init__(self, reason: str, where: str = "") -> None:
        """Say why, and where in the message."""
        super().__init__(f"{where}: {reason}" if where else reason)
        self.reason = reason
        self.where = where

    @classmethod
    def of(cls, refusal: Refusal) -> "NotUnderstood":
        """Return what a refused message comes to, with all its places."""
        places = "; ".join(
            f"{path}: {' '.join(said)}" for path, said in refusal.errors.items()
        )
        return cls(places or str(refusal))


@dataclass(frozen=True, slots=True)
class Ordered:
    """A version of an order."""

    facts: orders.OrderFacts


@dataclass(frozen=True, slots=True)
class Happened:
    """A refund, a cancellation or a delivery of the order of this number."""

    order: str
    event: orders.Event


@dataclass(frozen=True, slots=True)
class Nothing:
    """A message that is understood and changes nothing here."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """A part of a message that cannot be applied yet; the rest of it is.

    The message stays failed with this reason, and is right once it is tried again
    after somebody has said what is missing.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Binned:
    """The order of this number lay in its shop's bin when the message came.

    It is called off until a newer version takes it out again.
    """

    order: str


@dataclass(frozen=True, slots=True)
class Erase:
    """Messages that name one of these, or all of them, are not to be kept any longer.

    `names` are words as they stand in the bytes; None means every message.
    """

    names: tuple[str, ...] | None


Event = Ordered | Happened | Nothing | Unclear | Binned | Erase


def document(body: bytes) -> Any:
    """Return the JSON document in these bytes; numbers with decimals stay text.

    Raises NotUnderstood for broken UTF-8 or JSON, and for JSON nested too deep.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"), parse_float=str, parse_constant=_no_number
        )
    except UnicodeDecodeError as error:
        raise NotUnderstood("The body is not UTF-8.", f"byte {error.start}") from error
    except json.JSONDecodeError as error:
        raise NotUnderstood(
            f"The body is not JSON: {error.msg}.",
            f"line {error.lineno} column {error.colno}",
        ) from error
    except RecursionError as error:
        raise NotUnderstood("The JSON is nested too deep.") from error
    except ValueError as error:  # a whole number of thousands of digits
        raise NotUnderstood(f"The body is not JSON: {error}.") from error


def _no_number(name: str) -> Any:
    raise NotUnderstood(f"{name} is no number in JSON.")

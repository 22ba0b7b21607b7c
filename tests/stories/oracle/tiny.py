"""Tiny marketplaces for the oracle's own tests: one shop, one or two programs."""

from typing import Any

from tests.stories.oracle.facts import Line, Order, instant
from tests.stories.oracle.terms import Market, load

PLACED = "2026-06-15T12:00:00Z"


def creator(handle: str, program: str = "p", **more: Any) -> dict[str, Any]:
    """Make a creator who can be paid, with a link and a code of their own name."""
    links = [{"slug": handle}, {"slug": f"{handle}-red", "product": "RED"}]
    enrollment = {"program": program, "since": "2026-01-01T00:00:00Z", "links": links}
    enrollment["codes"] = [{"code": handle.upper()}]
    enrollment |= more.pop("enrollment", {})
    return {
        "handle": handle,
        "bank_account": {"iban": "FR76", "verified": True},
        "tax": {"kind": "fr_franchise"},
        "enrollments": [enrollment],
        **more,
    }


def click(name: str, link: str, at: str, **more: Any) -> dict[str, Any]:
    """Make a past click."""
    return {"id": name, "link": link, "at": at, **more}


def market(
    *creators: dict[str, Any],
    clicks: tuple[dict[str, Any], ...] = (),
    other: dict[str, Any] | None = None,
    country: str = "FR",
    **program: Any,
) -> Market:
    """Load a shop that sells RED (in `warm`, below `all`) and BLUE (in `all`)."""
    shop: dict[str, Any] = {
        "slug": "s",
        "country": country,
        "time_zone": "Europe/Paris",
        "categories": [{"slug": "all"}, {"slug": "warm", "parent": "all"}],
        "products": [
            {"sku": "RED", "category": "warm"},
            {"sku": "BLUE", "category": "all"},
        ],
        "programs": [{"slug": "p", "rate_bp": 1000, **program}],
    }
    if other is not None:
        shop["programs"].append({"slug": "q", "rate_bp": 1000, **other})
    return load({"shops": [shop], "creators": [*creators], "clicks": [*clicks]})


def order(
    *lines: tuple[str, int, int],
    at: str = PLACED,
    invoice: str = "1",
    status: str = "paid",
) -> Order:
    """Make an order of (stock code, quantity, net cents); one RED for 100.00."""
    found = [
        Line(number, *line)
        for number, line in enumerate(lines or [("RED", 1, 10000)], 1)
    ]
    return Order(invoice, instant(at), tuple(found), status=status)

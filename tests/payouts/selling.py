"""Lives through sales by the product's own verbs, so that the books agree."""

import html
import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creators import attribution
from creators.models import Code, Creator, Link
from payouts import commissions, runs
from payouts.models import Commission, Run
from shops.models import OrderLine, OrderStatus, UnsettledLine
from tests.factories import (
    BankAccountFactory,
    ClickFactory,
    CodeFactory,
    CreatorFactory,
    EnrollmentFactory,
    LinkFactory,
    OrderFactory,
    OrderLineFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
    TaxProfileFactory,
)

# A Tuesday morning; the sales below are placed on the 3rd, their shop is in Paris.
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PLACED = datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
# After the hold: 5 days of shipping, 30 of hold, payable on 9 December.
RIPE = datetime(2026, 12, 9, 9, 0, tzinfo=UTC)
PAYDAY = datetime(2027, 1, 1, 9, 0, tzinfo=UTC)

_TAGS = re.compile(r"<(script|style|svg)\b.*?</\1>|<[^>]*>", re.DOTALL)
# Figures hold blanks that do not break, of two widths.
_BLANKS = re.compile(r"\s+")


def creator_with_code(code: str = "LEA10", **program: object) -> Code:
    """Return a code of a creator in a program of 10 %."""
    shop = ShopFactory(name="Maison Lune")
    program_ = ProgramFactory(active=True, shop=shop, name="Ambassadeurs", **program)
    creator = CreatorFactory(handle=f"h-{code.lower()}", user__name="Léa Martin")
    enrollment = EnrollmentFactory(creator=creator, program=program_)
    return CodeFactory(enrollment=enrollment, code=code)


def payable(creator: Creator) -> None:
    """Give the creator what a payout needs."""
    BankAccountFactory(creator=creator, usable=True, holder="Léa Martin")
    TaxProfileFactory(creator=creator)


def sell(code: Code, *, at: datetime = NOW, **line: object) -> Commission:
    """Sell one line by the code and return its sale: 40.00, so 4.00 at 10 %."""
    order = {
        name.removeprefix("order__"): line.pop(name)
        for name in list(line)
        if name.startswith("order__")
    }
    placed = {"placed_at": PLACED, "codes": [code.code], **order}
    return _sold(OrderFactory(shop=code.program.shop, **placed), at, line)


def sell_by_click(link: Link, *, at: datetime = NOW, **line: object) -> Commission:
    """Sell one line by a click on the link, an hour before."""
    click = ClickFactory(link=link, at=PLACED - timedelta(hours=1))
    shop = link.enrollment.program.shop
    order = OrderFactory(shop=shop, placed_at=PLACED, clicks=[click.click_id])
    return _sold(order, at, line)


def sell_again(sale: Commission, *, at: datetime = NOW, **line: object) -> Commission:
    """Sell another line of the same order."""
    return _sold(sale.line.order, at, line)


def _sold(order: object, at: datetime, line: dict[str, object]) -> Commission:
    name = line.pop("name", None)
    if name is not None:
        line["product"] = ProductFactory(shop=order.shop, name=name)
    made = OrderLineFactory(order=order, **line)
    change(made, at=at)
    return Commission.objects.get(line=made, number=0)


def change(line: OrderLine, *, at: datetime = NOW, **figures: object) -> None:
    """Change figures of a line as a later fact would, and let the sweeps see it."""
    OrderLine.objects.filter(pk=line.pk).update(**figures)
    UnsettledLine.objects.get_or_create(line=line)
    sweep(at=at)


def cancel(line: OrderLine, *, at: datetime = NOW) -> None:
    """Cancel the whole order of a line."""
    order = line.order
    order.status, order.cancelled_at = OrderStatus.CANCELLED, at
    order.save(update_fields=["status", "cancelled_at"])
    change(line, at=at)


def sweep(*, at: datetime = NOW) -> None:
    """Run the sweeps until nothing is left."""
    while attribution.settle(at=at).lines:
        pass
    while commissions.accrue(at=at).verdicts:
        pass


def approve(*, at: datetime = RIPE) -> None:
    """Approve what is past its hold."""
    while commissions.approve(at=at):
        pass


def open_run(*, at: datetime = PAYDAY) -> Run:
    """Open and build the run of the month before."""
    run = runs.open_run((at.replace(day=1) - timedelta(days=1)).date(), at=at)
    runs.build(run.pk)
    return run


def send(run: Run, folder: Path, *, at: datetime = PAYDAY) -> None:
    """Hand a run to the bank."""
    runs.approve(run.pk, by=None, at=at)
    runs.send(run.pk, folder, at=at)


def pay(run: Run, folder: Path, *, at: datetime = PAYDAY) -> None:
    """Hand a run to the bank and have it paid."""
    send(run, folder, at=at)
    runs.finish(run.pk, at=at + timedelta(days=2))


def visitor(code: Code, language: str = "en") -> Client:
    """Return a browser in which the code's creator is signed in."""
    client = Client(headers={"accept-language": language})
    client.force_login(code.enrollment.creator.user)
    return client


def queries(code: Code, path: str) -> int:
    """Return how many queries the creator's page costs."""
    browser = visitor(code)
    with CaptureQueriesContext(connection) as found:
        assert browser.get(path).status_code == HTTPStatus.OK
    return len(found)


def words(page: object) -> str:
    """Return what a reader reads on a page, with plain single blanks."""
    text = html.unescape(_TAGS.sub(" ", page.content.decode()))
    return _BLANKS.sub(" ", text)


def link_of(code: Code, **fields: object) -> Link:
    """Return a link of the code's creator in the same program."""
    return LinkFactory(enrollment=code.enrollment, **fields)

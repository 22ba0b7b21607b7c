import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections
from django.db.models import Count, Q, Sum
from django.utils import translation
from django.utils.timezone import now
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from affiliate import demo, marketplace, stack, staff
from affiliate.common import embedded, money
from affiliate.common.models import User
from affiliate.demo.client import ShopClient
from creators.models import UnaccruedVerdict, Verdict
from payouts import invariants, runs
from payouts.models import Commission, Payout, Run, RunStatus
from payouts.tasks import build_run
from shops import keys
from shops.models import Order, OrderLine, Shop, UnsettledLine

PASSWORD = "demo-demo-demo"  # noqa: S105  printed for everyone who runs the demo
_PATIENCE_S = 180
_BATCH = 100
_A_MONTH = 400  # orders a shop


class Command(BaseCommand):
    """Shows the whole product at work, then serves it."""

    help = (
        "Start everything, fill a marketplace, send a month of orders through the real"
        " API and worker, pay them, check the books, and serve."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add what may be chosen."""
        parser.add_argument("--no-serve", action="store_true")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, no_serve: bool, seed: int, port: int, **options: Any) -> None:
        """Exit with status 1 if the self-check finds anything."""
        self.console = Console()
        with ExitStack() as running, translation.override("en"):
            # Ctrl-C ends the block, and with it every server, in order.
            signal.signal(signal.SIGTERM, signal.default_int_handler)
            try:
                with self.console.status("Starting database, broker, worker and web"):
                    up = running.enter_context(stack.running(port))
            except embedded.CannotStart as error:
                raise CommandError(str(error)) from error
            found = self._live(up.url, seed)
            self._summary(up.url)
            connections.close_all()
            if found:
                raise CommandError("The self-check found something.", returncode=1)
            if not no_serve:
                self.console.print(f"Serving on {up.url} — Ctrl-C stops everything.")
                up.watch(self.console.print)

    def _live(self, url: str, seed: int) -> int:
        today = now().astimezone(runs.BOOKS).date()
        month, recent = _two_months_before(today), today - timedelta(days=30)
        columns = (
            TextColumn("{task.description:<34}"),
            BarColumn(),
            MofNCompleteColumn(),
        )
        with Progress(*columns, console=self.console) as self.progress:
            market = self._fill(seed, month, recent)
            sales = [
                *demo.sales(seed, month, market, orders=_A_MONTH, until=now()),
                *demo.sales(seed, recent, market, orders=_A_MONTH // 4, until=now()),
            ]
            with self._shops(url) as clients:
                self._sell(sales, clients)
                self._await_worker()
                self._take_back(sales, clients)
                self._await_worker()
            self._pay(today)
            demo.announce(at=now())
            return self._check()

    def _fill(self, seed: int, month: date, recent: date) -> dict[str, Any]:
        task = self.progress.add_task("Filling the marketplace", total=2)
        market = demo.marketplace(seed, month, recent)
        at = datetime(month.year, month.month, 1, tzinfo=UTC) - timedelta(days=120)
        marketplace.load(market, at=at)
        self.progress.advance(task)
        staff.create("admin@demo.example", staff.ADMINISTRATOR, password=PASSWORD)
        staff.create("finance@demo.example", "finance", password=PASSWORD)
        for user in User.objects.filter(
            Q(shops__isnull=False) | Q(creator__isnull=False)
        ):
            if user.has_usable_password():
                continue
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
        self.progress.advance(task)
        return market

    @contextmanager
    def _shops(self, url: str) -> Iterator[dict[str, ShopClient]]:
        """Give each shop's system a key of its own for as long as it works."""
        made = {
            shop.slug: keys.create(
                shop, ["orders:write", "orders:read"], name="demo", at=now()
            )
            for shop in Shop.objects.all()
        }
        yield {slug: ShopClient(url, secret) for slug, (_, secret) in made.items()}
        for key, _ in made.values():
            keys.revoke(key, at=now())

    def _sell(self, sales: list[demo.Sale], clients: dict[str, ShopClient]) -> None:
        task = self.progress.add_task("Sending orders to the API", total=len(sales))
        for slug, client in clients.items():
            rows = [sale for sale in sales if sale.shop == slug]
            for start in range(0, len(rows), _BATCH):
                batch = rows[start : start + _BATCH]
                client.send_orders([sale.order for sale in batch])
                for sale in batch:
                    client.deliver(sale)
                self.progress.advance(task, len(batch))

    def _take_back(
        self, sales: list[demo.Sale], clients: dict[str, ShopClient]
    ) -> None:
        back = [sale for sale in sales if sale.refund or sale.cancelled_at]
        task = self.progress.add_task("Refunds and cancellations", total=len(back))
        for sale in back:
            clients[sale.shop].take_back(sale)
            self.progress.advance(task)

    def _await_worker(self) -> None:
        lines = OrderLine.objects.count()
        task = self.progress.add_task("The worker judges the lines", total=lines)
        end = time.monotonic() + _PATIENCE_S
        while True:
            waiting = UnsettledLine.objects.count()
            self.progress.update(task, completed=lines - waiting)
            if not waiting and not UnaccruedVerdict.objects.exists():
                return
            if time.monotonic() > end:
                raise CommandError(
                    "The worker does not get on; see .local/worker.log and beat.log."
                )
            time.sleep(0.2)

    def _pay(self, today: date) -> None:
        """Approve what is past its hold and pay it in the run of last month."""
        last = today.replace(day=1) - timedelta(days=1)
        call_command("settle", "--json", stdout=_Nowhere())
        run = Run.objects.exclude(status=RunStatus.DROPPED).filter(
            starts_on=last.replace(day=1), currency="EUR"
        ).first() or runs.open_run(last, at=now(), chunk_size=4)
        task = self.progress.add_task("The worker builds the payouts", total=None)
        build_run.delay(run.pk)
        self._await_built(run, task)
        finance = User.objects.get(email="finance@demo.example")
        task = self.progress.add_task("Paying by SEPA transfer", total=3)
        if run.status == RunStatus.DRAFT:
            runs.approve(run.pk, by=finance, at=now())
        self.progress.advance(task)
        runs.send(run.pk, settings.BANK_FILE_DIR, at=now(), by=finance)
        self.progress.advance(task)
        runs.finish(run.pk, at=now(), by=finance)
        self.progress.advance(task)
        self.run = run

    def _await_built(self, run: Run, task: Any) -> None:
        end = time.monotonic() + _PATIENCE_S
        while True:
            chunks = run.chunks.aggregate(
                all=Count("id"), built=Count("id", filter=Q(built_at__isnull=False))
            )
            self.progress.update(task, total=chunks["all"], completed=chunks["built"])
            run.refresh_from_db()
            if run.status != RunStatus.BUILDING:
                return
            if time.monotonic() > end:
                raise CommandError("The worker does not get on; see .local/worker.log.")
            time.sleep(0.1)

    def _check(self) -> int:
        task = self.progress.add_task("Checking the books", total=1)
        found = list(invariants.findings())
        for finding in found:
            self.console.print(f"[red]{finding.proof}: {finding.subject}[/red]")
        self.progress.advance(task)
        return len(found)

    def _summary(self, url: str) -> None:
        earned = Commission.objects.aggregate(
            sales=Count("id", filter=Q(kind="sale")),
            earned=Sum("amount_cents"),
            reversed=Sum("amount_cents", filter=Q(amount_cents__lt=0)),
        )
        paid = Payout.objects.filter(status="paid").aggregate(
            payouts=Count("id"), total=Sum("amount_cents")
        )

        def euros(cents: Any) -> str:
            return money.show(int(cents or 0), "EUR", "en")

        table = Table(title="The marketplace", show_header=False)
        attributed = Verdict.objects.filter(state="attributed").count()
        for name, value in (
            ("orders", Order.objects.count()),
            ("lines", OrderLine.objects.count()),
            ("attributed", attributed),
            ("commissions", earned["sales"]),
            ("earned", euros(earned["earned"])),
            ("reversed", euros(earned["reversed"])),
            ("paid", f"{euros(paid['total'])} in {paid['payouts']} payouts"),
            ("skipped", self.run.skips.count()),
            ("creators", User.objects.filter(creator__isnull=False).count()),
            ("file", settings.BANK_FILE_DIR / f"{self.run.message_id}.xml"),
            ("self-check", f"{len(invariants.PROOFS)} proofs, nothing found"),
        ):
            table.add_row(name, str(value))
        self.console.print(table)
        creator = self.run.payouts.select_related("creator__user").first()
        doors = Table(title=f"Sign in with the password {PASSWORD}")
        for head in ("who", "where", "e-mail"):
            doors.add_column(head)
        doors.add_row(
            "creator", f"{url}/", creator.creator.user.email if creator else "-"
        )
        doors.add_row("merchant", f"{url}/admin/", "owner@lune.example")
        doors.add_row("finance", f"{url}/admin/", "finance@demo.example")
        doors.add_row("administrator", f"{url}/admin/", "admin@demo.example")
        doors.add_row("API", f"{url}/api/v1/docs/", "manage.py create_api_key")
        self.console.print(doors)


class _Nowhere:
    def write(self, text: str) -> None:
        """Drop a command's words: the summary says it all."""

    def flush(self) -> None:
        """Have nothing to flush."""


def _two_months_before(today: date) -> date:
    # Past its hold today, and payable before the end of last month.
    first = today.replace(day=1)
    for _ in range(2):
        first = (first - timedelta(days=1)).replace(day=1)
    return first

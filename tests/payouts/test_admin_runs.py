"""Finance takes a run through its steps in the admin; nobody else does."""

import hashlib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client

from affiliate.common.models import User
from payouts import runs
from payouts.admin import runs as run_pages
from payouts.models import Payout, PayoutStatus, Run, RunStatus
from payouts.models.runs import CHUNK_ATTEMPTS
from tests.factories import (
    BankAccountFactory,
    CommissionFactory,
    LedgerEntryFactory,
    MemberFactory,
    PayoutFactory,
    PayoutSkipFactory,
    RunChunkFactory,
    RunFactory,
    TaxProfileFactory,
)
from tests.factories.shops import MOMENT
from tests.shops.backoffice import (
    browser_of,
    member_browser,
    page_of,
    staff_browser,
    staff_member,
    text,
)

pytestmark = pytest.mark.django_db

ADD, LIST = "/admin/payouts/run/add/", "/admin/payouts/run/"
OCTOBER = date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _in_november(settings: Any, tmp_path: Path) -> Any:
    settings.BANK_FILE_DIR = tmp_path
    with time_machine.travel(MOMENT, tick=False):
        yield


@pytest.fixture
def finance() -> User:
    return staff_member("finance")


@pytest.fixture
def browser(finance: User) -> Client:
    return browser_of(finance)


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """Return what was sent to the queue."""
    sent: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        run_pages.current_app, "send_task", lambda *args, **_: sent.append(args)
    )
    return sent


def due(cents: int = 2500) -> Any:
    """Return an approved commission of a creator who can be paid in October."""
    sale = CommissionFactory(
        approved=True,
        amount_cents=cents,
        base_cents=10 * cents,
        payable_on=OCTOBER,
        hold_starts_on=OCTOBER - timedelta(days=31),
    )
    TaxProfileFactory(creator=sale.creator)
    BankAccountFactory(creator=sale.creator, usable=True)
    return sale


def draft(by: User | None = None) -> Run:
    run = runs.open_run(OCTOBER, at=MOMENT, by=by)
    runs.build(run.pk)
    run.refresh_from_db()
    return run


# ------------------------------------------------------------------ opening


def test_a_month_that_is_over_is_opened_and_a_builder_woken(
    browser: Client,
    finance: User,
    woken: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    due()

    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(ADD, {"month": "2026-10"})

    run = Run.objects.get()
    assert answer["Location"] == page_of(run)
    assert (run.starts_on, run.status, run.opened_by) == (OCTOBER, "building", finance)
    assert woken == [("payouts.build_run", [run.pk])]


def test_the_form_offers_months_that_are_over_and_have_no_run(browser: Client) -> None:
    RunFactory(starts_on=date(2026, 9, 1), draft=True)
    RunFactory(starts_on=date(2026, 8, 1), dropped=True)

    page = browser.get(ADD)

    offered = [
        value for value, _ in page.context["adminform"].form.fields["month"].choices
    ]
    assert offered[:3] == ["2026-10", "2026-08", "2026-07"]
    assert "October 2026" in text(page)


@pytest.mark.parametrize("month", ["2026-11", "2026-09", "soon", ""])
def test_no_other_month_is_opened(browser: Client, month: str) -> None:
    RunFactory(starts_on=date(2026, 9, 1), draft=True)

    page = browser.post(ADD, {"month": month})

    assert page.status_code == 200
    assert Run.objects.count() == 1


def test_a_month_taken_meanwhile_is_refused_on_the_form(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft()
    monkeypatch.setattr("payouts.admin.months.open_months", lambda: [OCTOBER])

    page = browser.post(ADD, {"month": "2026-10"})

    assert "2026-10 EUR has a run." in text(page)
    assert Run.objects.count() == 1


# ------------------------------------------------------------------ building


def test_the_page_shows_how_far_the_builders_are(browser: Client) -> None:
    run = RunFactory()
    RunChunkFactory(run=run, built_at=MOMENT)
    RunChunkFactory(run=run, first_creator_id=101, last_creator_id=200)

    page, part = browser.get(page_of(run)), browser.get(page_of(run, "progress"))

    assert "1 of 2 parts built" in text(page)
    assert "1 of 2 parts built" in text(part)
    assert "HX-Refresh" not in part


def test_the_page_renews_itself_once_the_run_is_built(browser: Client) -> None:
    part = browser.get(page_of(RunFactory(draft=True), "progress"))

    assert part["HX-Refresh"] == "true"
    assert "every 2s" not in text(part)


def test_what_the_builders_gave_up_is_told_and_tried_again(
    browser: Client, woken: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    chunk = RunChunkFactory(attempts=CHUNK_ATTEMPTS, last_error="ValueError in build")
    where = page_of(chunk.run, "try_again")

    page = text(browser.get(page_of(chunk.run)))
    with django_capture_on_commit_callbacks(execute=True):
        browser.post(where)

    assert "1 part failed too often and was given up." in page
    assert "ValueError in build" in page
    chunk.refresh_from_db()
    assert chunk.attempts == 0
    assert woken == [("payouts.build_run", [chunk.run.pk])]


# ------------------------------------------------------------------ its steps


def test_a_run_goes_from_draft_to_finished(browser: Client, tmp_path: Path) -> None:
    sale = due()
    run = draft()

    for step in ("approve", "send", "finish"):
        assert browser.get(page_of(run, step)).status_code == 200
        browser.post(page_of(run, step))

    run.refresh_from_db()
    sale.refresh_from_db()
    assert (run.status, sale.status) == ("finished", "paid")
    file = browser.get(page_of(run, "file"))
    body = b"".join(file.streaming_content)
    assert hashlib.sha256(body).hexdigest() == run.file_sha256
    assert body == (tmp_path / f"{run.message_id}.xml").read_bytes()
    assert f'filename="{run.message_id}.xml"' in file["Content-Disposition"]


@pytest.mark.parametrize("step", ["approve", "send", "finish", "drop"])
def test_asking_changes_nothing(browser: Client, step: str) -> None:
    due()
    run = draft()

    page = browser.get(page_of(run, step))

    run.refresh_from_db()
    assert (page.status_code, run.status) == (200, "draft")
    assert "€25.00" in text(page)


def test_above_the_limit_somebody_else_approves(
    browser: Client, finance: User, settings: Any
) -> None:
    settings.FOUR_EYES_ABOVE_CENTS = 2499
    due()
    run = draft(by=finance)

    page = browser.post(page_of(run, "approve"), follow=True)

    assert "Someone else has to approve this run." in text(page)
    run.refresh_from_db()
    assert run.status == RunStatus.DRAFT
    colleague = staff_member("finance", "second@platform.example")
    browser_of(colleague).post(page_of(run, "approve"))
    run.refresh_from_db()
    assert (run.status, run.approved_by) == ("approved", colleague)


def test_a_draft_is_dropped(browser: Client) -> None:
    sale = due()
    run = draft()

    browser.post(page_of(run, "drop"))

    run.refresh_from_db()
    sale.refresh_from_db()
    assert (run.status, sale.status) == ("dropped", "approved")


def test_a_step_out_of_turn_is_refused_politely(browser: Client) -> None:
    run = draft()

    page = browser.post(page_of(run, "send"), follow=True)

    assert "The run is not in the right state for this." in text(page)
    run.refresh_from_db()
    assert run.status == RunStatus.DRAFT


BUTTONS = [
    ({}, {"drop"}),
    ({"draft": True}, {"approve", "drop"}),
    ({"approved": True}, {"send"}),
    ({"sent": True}, {"finish", "file"}),
    ({"finished": True}, {"file"}),
    ({"dropped": True}, set()),
]


@pytest.mark.parametrize(("state", "buttons"), BUTTONS)
def test_the_page_offers_the_steps_of_its_state(
    browser: Client, state: dict[str, bool], buttons: set[str]
) -> None:
    run = RunFactory(**state)

    page = browser.get(page_of(run))

    offered = {each["path"] for each in page.context["actions_detail"]}
    assert offered == {page_of(run, step) for step in buttons}


def test_a_draft_has_no_file(browser: Client) -> None:
    due()

    assert browser.get(page_of(draft(), "file")).status_code == 404
    assert not Payout.objects.filter(status=PayoutStatus.SENT).exists()


# ------------------------------------------------------------------ what came back


def test_a_payout_that_came_back_is_payable_again(
    browser: Client, tmp_path: Path
) -> None:
    sale = due()
    run = runs.approve(draft().pk, by=None, at=MOMENT)
    runs.send(run.pk, tmp_path, at=MOMENT)
    payout = run.payouts.get()

    browser.post(page_of(payout, "mark_returned"), {"reason": "Account closed"})

    payout.refresh_from_db()
    sale.refresh_from_db()
    assert (payout.status, payout.return_reason) == ("returned", "Account closed")
    assert sale.status == "approved"


def test_a_return_needs_its_reason(browser: Client) -> None:
    payout = PayoutFactory(sent=True)

    page = browser.post(page_of(payout, "mark_returned"), {"reason": ""})

    assert "This field is required." in text(page)
    payout.refresh_from_db()
    assert payout.status == PayoutStatus.SENT


def test_skips_are_told_with_their_reason(browser: Client) -> None:
    skip = PayoutSkipFactory()

    page = text(browser.get(page_of(skip.run)))

    assert "The amount is below the threshold" in page
    assert "€9.99" in page


def test_account_numbers_are_masked_everywhere(browser: Client) -> None:
    payout = PayoutFactory()
    iban = payout.bank_account.iban
    pages = (
        "/admin/payouts/payout/",
        "/admin/payouts/bankaccount/",
        page_of(payout),
        page_of(payout.bank_account),
        page_of(payout.bank_account, "history"),
        page_of(payout.run),
    )

    shown = [text(browser.get(each)) for each in pages]

    assert f"{iban[:4]} … {iban[-4:]}" in shown[0]
    assert not any(iban in each or iban[4:-4] in each for each in shown)


# ------------------------------------------------------------------ nobody else


def browsers() -> dict[str, Client]:
    return {
        "support": staff_browser("support"),
        "owner": member_browser(MemberFactory().shop),
    }


@pytest.mark.parametrize("who", ["support", "owner"])
def test_nobody_else_sees_or_takes_a_step(who: str) -> None:
    run, payout = RunFactory(draft=True), PayoutFactory(sent=True)
    browser = browsers()[who]
    looks = (LIST, ADD, page_of(run), page_of(run, "progress"), page_of(payout))
    steps = ("approve", "send", "finish", "drop")

    statuses = {browser.get(each).status_code for each in looks}
    statuses |= {browser.post(page_of(run, step)).status_code for step in steps}
    statuses.add(browser.post(ADD, {"month": "2026-10"}).status_code)
    statuses.add(
        browser.post(page_of(payout, "mark_returned"), {"reason": "x"}).status_code
    )

    assert statuses <= {403, 404}
    run.refresh_from_db()
    payout.refresh_from_db()
    assert (run.status, payout.status, Run.objects.count()) == ("draft", "sent", 2)


@pytest.mark.parametrize("who", ["support", "owner"])
@pytest.mark.parametrize(
    "model", ["bankaccount", "taxprofile", "ledgerentry", "ledgeraccount", "payoutskip"]
)
def test_nobody_else_reads_accounts_or_books(who: str, model: str) -> None:
    assert browsers()[who].get(f"/admin/payouts/{model}/").status_code == 403


MONEY = {
    "ledgerentry": LedgerEntryFactory,
    "commission": CommissionFactory,
    "payout": PayoutFactory,
    "run": RunFactory,
}


@pytest.mark.parametrize("model", MONEY)
def test_not_even_an_administrator_edits_money(model: str) -> None:
    row = MONEY[model]()
    browser = staff_browser("administrator")

    statuses = [
        browser.post(page_of(row, page), {"post": "yes"}).status_code
        for page in ("change", "delete")
    ]

    assert statuses == [403, 403]
    assert type(row).objects.filter(pk=row.pk).exists()

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Sum

from affiliate.common import audit, steps
from affiliate.common.models import User
from payouts import ledger
from payouts.models import Payout, PayoutStatus, Run, RunStatus
from payouts.rails import sepa
from payouts.runs.states import WrongState, demand, locked

_CHUNK = 2_000

_MOVES = """
select 'sent:' || p.end_to_end_id, 'sent', %(at)s, 'creator_payable', 'in_transit',
       p.amount_cents, p.currency, null::bigint, p.creator_id, null::text
  from payouts_payout p where p.run_id = %(run)s and p.status = 'draft' order by p.id
"""


def send(
    run_id: int, folder: Path, *, at: datetime, by: User | None = None
) -> tuple[Run, Path | None]:
    """Write the bank's file of an approved run and mark its payouts as sent.

    Returns the run and the file's path, or None when there is nothing to transfer.
    The file is written whole or not at all, and before the run is marked: killed in
    between, sending again writes the same bytes and goes on. Sending a sent run
    writes its file again. Raises WrongState before approval.
    """
    run = Run.objects.get(pk=run_id)
    demand(run, RunStatus.APPROVED, RunStatus.SENT, RunStatus.FINISHED)
    path, digest = _write(run, folder)
    steps.reached("runs.file_written")
    with transaction.atomic():
        run = locked(run_id)
        if run.status == RunStatus.APPROVED:
            _mark_sent(run, digest, at, by)
            steps.reached("runs.marked_sent")
    return run, path


def _mark_sent(run: Run, digest: str, at: datetime, by: User | None) -> None:
    ledger.post(_MOVES, {"at": at, "run": run.pk}, at=at)
    run.payouts.filter(status=PayoutStatus.DRAFT).update(
        status=PayoutStatus.SENT, sent_at=at
    )
    run.status, run.sent_at, run.file_sha256 = RunStatus.SENT, at, digest
    run.save(update_fields=["status", "sent_at", "file_sha256"])
    audit.record(
        audit.PLATFORM, "run.sent", run, at=at, actor=by, after={"sha256": digest}
    )


def _write(run: Run, folder: Path) -> tuple[Path | None, str]:
    payouts = run.payouts.exclude(status=PayoutStatus.DROPPED)
    count = payouts.count()
    if not count:
        return None, ""
    if run.approved_at is None or run.execution_on is None:
        raise WrongState(f"Run {run.pk} was never approved.")
    total = payouts.aggregate(total=Sum("amount_cents"))["total"]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{run.message_id}.xml"
    digest = sepa.write_file(
        path,
        message_id=run.message_id,
        # The approval's moment, so that every export of the run is the same bytes.
        created_at=run.approved_at,
        execution_date=run.execution_on,
        debtor=sepa.Debtor(
            name=settings.PLATFORM_NAME,
            iban=settings.PLATFORM_IBAN,
            bic=settings.PLATFORM_BIC,
            identifier=None,
        ),
        transfers=_transfers(run),
        count=count,
        total_cents=total,
    )
    return path, digest.sha256


def _transfers(run: Run) -> Iterator[sepa.Transfer]:
    payouts = (
        Payout.objects.filter(run=run)
        .exclude(status=PayoutStatus.DROPPED)
        .select_related("bank_account")
        # Not by id: that is the order in which workers came by.
        .order_by("creator_id")
    )
    for payout in payouts.iterator(chunk_size=_CHUNK):
        account = payout.bank_account
        yield sepa.Transfer(
            end_to_end_id=payout.end_to_end_id,
            amount_cents=payout.amount_cents or 0,
            currency=payout.currency,
            creditor_name=account.holder,
            creditor_iban=account.iban,
            creditor_bic=account.bic or None,
            remittance=f"Commissions {run.starts_on:%Y-%m} {payout.end_to_end_id}",
        )

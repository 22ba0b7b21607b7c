"""Pay a month from its opening to the bank's answer, and write what became of it.

Run as a module by a test, which may have a child killed at a step: the next one goes on
from wherever it died. A child is a process like any other, but for the seconds that it
takes to import the product.
"""

import json
import os
import sys
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import django

MONTH = date(2026, 5, 1)
AT = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
_LEDGER = """
select a.kind, a.shop_id, a.creator_id, a.currency, sum(l.amount_cents), count(*)
  from payouts_ledgeraccount a join payouts_ledgerleg l on l.account_id = a.id
 group by 1, 2, 3, 4 order by 1, 2, 3, 4
"""


def pay(folder: Path) -> str:
    """Do what is left of the run and return the bank's file as a digest."""
    from payouts import runs
    from payouts.models import Run

    try:
        run = runs.open_run(MONTH, at=AT, chunk_size=2)
    except runs.RunOverlaps:
        run = Run.objects.get(starts_on=MONTH)
    runs.build(run.pk)
    run.refresh_from_db()
    if run.status == "draft":
        runs.approve(run.pk, by=None, at=AT)
    _, path = runs.send(run.pk, folder, at=AT)
    runs.finish(run.pk, at=AT, chunk=2)
    assert path is not None
    assert [each.name for each in folder.iterdir()] == [path.name]
    return sha256(path.read_bytes()).hexdigest()


def outcome() -> dict[str, object]:
    """Return everything a run leaves, without the numbers that sequences give."""
    from django.db import connection

    from payouts import invariants
    from payouts.models import Commission, LedgerEntry, Payout, PayoutSkip, Run

    def rows(model, *fields):
        return [
            list(row) for row in model.objects.order_by(*fields).values_list(*fields)
        ]

    with connection.cursor() as cursor:
        cursor.execute(_LEDGER)
        sums = [list(row) for row in cursor.fetchall()]
    return {
        "run": rows(Run, "message_id", "status", "sent_at", "file_sha256"),
        "payouts": rows(
            Payout, "end_to_end_id", "amount_cents", "status", "settled_at"
        ),
        "lines": rows(Payout, "creator", "lines__commission", "lines__amount_cents"),
        "skips": rows(PayoutSkip, "creator", "reason", "amount_cents"),
        "commissions": rows(Commission, "id", "status"),
        "entries": rows(LedgerEntry, "key", "kind", "at"),
        "ledger": sums,
        "findings": [str(finding) for finding in invariants.findings()],
    }


def work(url: str, folder: str, die_at: str, outcome_in: str) -> None:
    """Be a process of its own over this database, which may be told where to die."""
    from django.db import connection

    from affiliate.common import steps

    connection.settings_dict.update(NAME=unquote(urlsplit(url).path.lstrip("/")))
    steps._DIE_AT = die_at
    digest = pay(Path(folder))
    found = {"file": digest, **outcome()}
    Path(outcome_in).write_text(json.dumps(found, default=str))


def main() -> None:
    """Make ready once; then a child works for each line, and how it ended is told."""
    django.setup()
    from payouts import invariants, runs  # noqa: F401  so that no child has to

    for line in sys.stdin:
        child = os.fork()
        if not child:
            work(**json.loads(line))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201  for who asked


if __name__ == "__main__":
    main()

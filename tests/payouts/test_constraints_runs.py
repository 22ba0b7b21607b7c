"""What the database refuses of runs, their chunks and skips (I12, I13)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from payouts.models import Run, RunStatus
from tests.factories.creators import CreatorFactory
from tests.factories.payouts import (
    PayoutSkipFactory,
    RunChunkFactory,
    RunFactory,
)
from tests.factories.shops import MOMENT
from tests.payouts.arrows import moves
from tests.shops.refusals import is_refused

pytestmark = pytest.mark.django_db
OCTOBER, NOVEMBER, DECEMBER = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("factory", "base", "fault"),
    [
        pytest.param(
            RunFactory,
            {"starts_on": OCTOBER, "ends_on": NOVEMBER},
            {"ends_on": OCTOBER},
            marks=pytest.mark.breaks("run_ends_after_it_starts"),
        ),
        pytest.param(
            RunFactory,
            {"status": "building"},
            {"status": "lost"},
            marks=pytest.mark.breaks("run_status_is_known"),
        ),
        pytest.param(
            RunFactory,
            {"sent": True, "approved_at": MOMENT},
            {"approved_at": None},
            marks=pytest.mark.breaks("run_sent_only_once_approved"),
        ),
        pytest.param(
            RunChunkFactory,
            {"first_creator_id": 7, "last_creator_id": 7},
            {"last_creator_id": 6},
            marks=pytest.mark.breaks("run_chunk_is_a_range"),
        ),
        pytest.param(
            PayoutSkipFactory,
            {"reason": "no_tax_data"},
            {"reason": "bad_mood"},
            marks=pytest.mark.breaks("payout_skip_reason_is_known"),
        ),
    ],
)
def test_a_row_that_cannot_be_true_is_refused(factory, base, fault):
    is_refused(factory, base, fault)


# ------------------------------------------------------------------ runs


@pytest.mark.breaks("run_message_id_is_unique")
def test_a_message_id_is_used_once():
    RunFactory(message_id="RUN-1")

    is_refused(RunFactory, {"message_id": "RUN-2"}, {"message_id": "RUN-1"})


@pytest.mark.parametrize(
    ("starts_on", "ends_on"),
    [
        (OCTOBER, NOVEMBER),
        (date(2026, 9, 1), date(2026, 10, 2)),
        (date(2026, 10, 31), DECEMBER),
        (date(2026, 10, 5), date(2026, 10, 6)),
        (date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
@pytest.mark.breaks("runs_do_not_overlap")
def test_two_runs_share_no_day(starts_on, ends_on):
    RunFactory(starts_on=OCTOBER, ends_on=NOVEMBER, finished=True)
    same = {"starts_on": starts_on, "ends_on": ends_on, "message_id": "OTHER"}

    is_refused(RunFactory, {**same, "dropped": True}, {"status": "building"})
    is_refused(RunFactory, {**same, "currency": "USD"}, {"currency": "EUR"})


def test_runs_that_touch_do_not_overlap():
    for starts_on, ends_on in ((OCTOBER, NOVEMBER), (NOVEMBER, DECEMBER)):
        RunFactory(starts_on=starts_on, ends_on=ends_on)

    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        {"currency": "USD"},
        {"starts_on": date(1999, 1, 1)},
        {"ends_on": date(2099, 1, 1)},
        {"message_id": "OTHER"},
    ],
    ids=str,
)
@pytest.mark.breaks("run_facts_stay")
def test_what_a_run_is_about_stays(change):
    run = RunFactory()

    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(**change)


@pytest.mark.breaks("run_moves_along_its_arrows")
def test_a_run_moves_along_its_arrows_only():
    def run(status):
        return RunFactory(status=status, approved_at=MOMENT)

    assert moves(Run, list(RunStatus), run) == {
        ("building", "draft"),
        ("building", "dropped"),
        ("draft", "approved"),
        ("draft", "dropped"),
        ("approved", "sent"),
        ("sent", "finished"),
    }


@pytest.mark.breaks("run_chunk_exists_once")
def test_a_chunk_exists_once():
    chunk = RunChunkFactory(first_creator_id=1)

    is_refused(
        RunChunkFactory,
        {"run": chunk.run, "first_creator_id": 2},
        {"first_creator_id": 1},
    )


@pytest.mark.breaks("payout_skip_once_per_creator_and_run")
def test_a_creator_is_skipped_once_a_run():
    skip = PayoutSkipFactory()

    is_refused(
        PayoutSkipFactory,
        {"run": skip.run, "creator": CreatorFactory()},
        {"creator": skip.creator},
    )

"""A part of a run that fails is tried again, parked, shown, and built in the end."""

import pytest

from affiliate.common.models import AuditEntry, User
from payouts import commissions, invariants, runs
from payouts.models import CHUNK_ATTEMPTS, Payout, RunChunk
from tests.payouts.earning import earn, enrolled
from tests.payouts.paying import MONTH, OPENED, payable
from tests.poison import poisoned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def creators():
    people = [enrolled().creator for _ in range(3)]
    for person in people:
        payable(person)
        earn(person.enrollments.get(), 20_000)
    commissions.approve(at=OPENED)
    return people


@pytest.fixture
def run(creators):
    return runs.open_run(MONTH, at=OPENED, chunk_size=1)


def poison(creator):
    return poisoned("payouts_payout", f"new.creator_id = {creator.pk}")


def parked(run, creators):
    """Build until the chunk of the second creator is given up."""
    with poison(creators[1]):
        for _ in range(CHUNK_ATTEMPTS):
            runs.build(run.pk)


def state(run):
    run.refresh_from_db()
    return run.status, run.chunks.parked().count(), Payout.objects.count()


def test_a_chunk_that_fails_does_not_stop_the_others(run, creators):
    with poison(creators[1]):
        assert runs.build(run.pk) == 1

    assert state(run) == ("building", 0, 2)
    failed = RunChunk.objects.get(built_at=None)
    assert failed.attempts == 1
    assert failed.last_error.startswith("ProgrammingError by poisoned in ")


def test_a_chunk_that_failed_is_built_by_the_next_call(run, creators):
    with poison(creators[1]):
        runs.build(run.pk)

    assert runs.build(run.pk) == 0
    assert state(run) == ("draft", 0, 3)
    assert set(RunChunk.objects.values_list("last_error", flat=True)) == {""}


def test_a_chunk_that_always_fails_is_parked_and_not_tried_again(run, creators):
    parked(run, creators)

    # It would succeed now: nobody tries.
    assert runs.build(run.pk) == 0
    assert not runs.build_next(run.pk)
    assert state(run) == ("building", 1, 2)


def test_a_parked_chunk_is_shown(run, creators):
    parked(run, creators)

    (found,) = invariants.findings()
    assert found.proof == "run_can_be_built"
    number = creators[1].pk
    assert found.subject == f"{run.message_id} creators {number} to {number}"
    assert found.figures.startswith("5 attempts: ProgrammingError by poisoned in ")


def test_a_worker_that_died_every_time_is_shown(run):
    RunChunk.objects.update(attempts=CHUNK_ATTEMPTS)

    figures = {found.figures for found in invariants.findings()}
    assert figures == {"5 attempts: its worker died every time"}


def test_unparking_tries_again_and_says_who_did(run, creators):
    parked(run, creators)
    desk = User.objects.create_user("desk@mail.example")

    assert runs.unpark(run.pk, by=desk, at=OPENED) == 1
    runs.build(run.pk)

    assert state(run) == ("draft", 0, 3)
    entry = AuditEntry.objects.get(action="run.unparked")
    assert (entry.actor, entry.after) == (desk, {"chunks": 1})
    assert list(invariants.findings()) == []


def test_unparking_twice_changes_nothing(run, creators):
    parked(run, creators)
    runs.unpark(run.pk, by=None, at=OPENED)

    assert runs.unpark(run.pk, by=None, at=OPENED) == 0
    assert AuditEntry.objects.filter(action="run.unparked").count() == 1


def test_a_run_with_a_parked_chunk_can_be_dropped(run, creators):
    parked(run, creators)

    runs.drop(run.pk, by=None, at=OPENED)

    assert list(invariants.findings()) == []


def test_building_one_chunk_that_fails_raises(run, creators):
    with poison(creators[0]), pytest.raises(Exception, match="poison"):
        runs.build_next(run.pk)

    assert RunChunk.objects.get(first_creator_id=creators[0].pk).attempts == 1


def test_an_attempt_is_counted_before_it_begins(run, monkeypatch):
    """Whoever is killed while it builds has counted already."""

    class Died(BaseException):
        pass

    def die(*_):
        raise Died

    monkeypatch.setattr("payouts.runs.building._build", die)
    with pytest.raises(Died):
        runs.build(run.pk)

    assert sorted(RunChunk.objects.values_list("attempts", flat=True)) == [0, 0, 1]

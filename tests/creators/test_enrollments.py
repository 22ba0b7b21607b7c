"""How a creator comes into a program, and leaves it (rules P1 to P3)."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from affiliate.common.models import AuditEntry
from creators import eligibility, enrollments
from creators.links import EnrollmentNotActive
from creators.models import Enrollment
from shops.models import Audience, ProgramStatus, Rate
from tests.common.racing import race
from tests.creators.joining import accept, apply, program
from tests.factories import (
    AudienceFactory,
    CreatorFactory,
    EnrollmentFactory,
    ProgramFactory,
    UserFactory,
)
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NO = {"reason": "Too few videos.", "may_apply_again": "now"}


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


def actions():
    entries = AuditEntry.objects.order_by("number")
    return list(entries.values_list("action", flat=True))


# ------------------------------------------------------------------ applying


def test_an_open_program_takes_who_applies_at_once():
    enrollment = Enrollment.objects.get(pk=apply().pk)

    assert (enrollment.status, enrollment.since) == ("active", MOMENT)
    assert enrollment.audience.kind == "creator"
    assert enrollment.audience.slug == enrollment.creator.handle


def test_a_program_on_approval_lets_wait():
    enrollment = Enrollment.objects.get(pk=apply(to=program("approval")).pk)

    assert (enrollment.status, enrollment.since) == ("applied", None)
    assert enrollment.asked_at == MOMENT


def test_a_program_by_invitation_takes_nobody_else():
    with pytest.raises(enrollments.InvitationOnly):
        apply(to=program("invitation"))

    assert not Enrollment.objects.exists()
    assert not Audience.objects.exists()


@pytest.mark.parametrize("kind", ["open", "approval"])
def test_applying_again_changes_nothing(kind):
    creator, to = CreatorFactory(eligible=True), program(kind)

    first = apply(creator, to)
    again = apply(creator, to, at=MOMENT + DAY)

    assert (again, again.asked_at) == (first, MOMENT)
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("status", ["draft", "paused", "ended"])
def test_a_program_that_is_not_active_takes_nobody(status):
    with pytest.raises(enrollments.ProgramTakesNobody):
        apply(to=ProgramFactory(status=status))


def test_a_program_takes_nobody_from_its_planned_end_on():
    planned = {"ends_at": MOMENT, "end_announced_at": MOMENT}

    with pytest.raises(enrollments.ProgramTakesNobody):
        apply(to=program(**planned))
    assert apply(to=program(**planned), at=MOMENT - timedelta(microseconds=1)).pk


def test_who_is_not_eligible_hears_why():
    with pytest.raises(eligibility.NotEligible) as refused:
        apply(CreatorFactory(), program(least_followers=1))

    assert refused.value.errors == {
        "followers_unknown": ["Your number of followers is not known."],
        "birth_date_unknown": ["You need to be 18; your date of birth is not known."],
    }
    assert not Enrollment.objects.exists()


def test_a_handle_that_was_someone_elses_finds_its_own_audience():
    to, creator = program(), CreatorFactory(eligible=True, handle="lea")
    AudienceFactory(program=to, kind="creator", slug="lea")

    assert apply(creator, to).audience.slug == f"lea-{creator.pk}"


@pytest.mark.django_db(transaction=True)
def test_twenty_applications_at_once_are_one():
    creator, to = CreatorFactory(eligible=True), program()

    found = race([lambda: apply(creator, to)] * 20)

    assert {row.pk for row in found} == {Enrollment.objects.get().pk}
    assert actions() == ["enrollment.active"]


# ------------------------------------------------------------------ deciding


def test_an_applicant_is_taken_in_from_that_moment():
    waiting, someone = apply(to=program("approval")), UserFactory()

    for day in (DAY, 2 * DAY):
        enrollment = enrollments.approve(waiting, at=MOMENT + day, by=someone)

    assert (enrollment.status, enrollment.since) == ("active", MOMENT + DAY)
    assert actions() == ["enrollment.applied", "enrollment.active"]
    assert AuditEntry.objects.last().actor == someone


@pytest.mark.parametrize("state", ["invited", "rejected", "ended"])
def test_only_applicants_are_approved(state):
    with pytest.raises(enrollments.NotApplied):
        enrollments.approve(EnrollmentFactory(**{state: True}), at=MOMENT)


def test_nobody_is_approved_into_a_program_that_ended():
    waiting = EnrollmentFactory(
        applied=True, program=ProgramFactory(status=ProgramStatus.ENDED)
    )

    with pytest.raises(enrollments.ProgramTakesNobody):
        enrollments.approve(waiting, at=MOMENT)


@pytest.mark.parametrize("state", ["applied", "invited"])
def test_a_rejection_tells_its_reason(state):
    waiting = EnrollmentFactory(**{state: True})

    for day in (DAY, 2 * DAY):
        enrollment = enrollments.reject(waiting, **NO, at=MOMENT + day)

    assert (enrollment.status, enrollment.reason) == ("rejected", "Too few videos.")
    assert actions() == ["enrollment.rejected"]


@pytest.mark.parametrize("state", ["ended", "active"])
def test_who_is_in_is_not_rejected(state):
    row = EnrollmentFactory(**({state: True} if state == "ended" else {}))

    with pytest.raises(enrollments.NotApplied):
        enrollments.reject(row, **NO, at=MOMENT)


@pytest.mark.parametrize(
    ("fault", "fields"),
    [
        ({"reason": " "}, ["reason"]),
        ({"reason": "x" * 201}, ["reason"]),
        ({"may_apply_again": "soon"}, ["may_apply_again"]),
        ({"may_apply_again": "later"}, ["after_days"]),
        ({"may_apply_again": "later", "after_days": 0}, ["after_days"]),
        ({"may_apply_again": "later", "after_days": 731}, ["after_days"]),
        ({"after_days": 3}, ["after_days"]),
        ({"reason": "", "may_apply_again": ""}, ["reason", "may_apply_again"]),
    ],
)
def test_a_rejection_without_words_is_refused(fault, fields):
    waiting = EnrollmentFactory(applied=True)

    with pytest.raises(enrollments.UnclearDecision) as refused:
        enrollments.reject(waiting, **{**NO, **fault}, at=MOMENT)

    assert list(refused.value.errors) == fields
    waiting.refresh_from_db()
    assert waiting.status == "applied"


@pytest.mark.parametrize(
    ("again", "days", "at", "may"),
    [
        ("now", None, MOMENT, True),
        ("never", None, MOMENT + 9999 * DAY, False),
        ("later", 90, MOMENT + 90 * DAY, True),
        ("later", 90, MOMENT + 90 * DAY - timedelta(microseconds=1), False),
    ],
)
def test_who_was_rejected_applies_again_as_they_were_told(again, days, at, may):
    to = program("approval")
    waiting = apply(to=to)
    told = {**NO, "may_apply_again": again, "after_days": days}
    enrollments.reject(waiting, **told, at=MOMENT)

    if not may:
        with pytest.raises(enrollments.MayNotApplyAgain) as refused:
            apply(waiting.creator, to, at=at)
        assert str(refused.value) == "Too few videos."
        return
    enrollment = apply(waiting.creator, to, at=at)
    assert (enrollment.pk, enrollment.status) == (waiting.pk, "applied")
    assert (enrollment.reason, enrollment.may_apply_again) == ("", "")


# ------------------------------------------------------------------ leaving


def test_who_leaves_earns_on_nothing_placed_from_then_on():
    enrollment = EnrollmentFactory()

    for day in (DAY, 2 * DAY):
        ended = enrollments.end(enrollment, reason="Bye.", at=MOMENT + day)

    assert (ended.status, ended.ended_at, ended.reason) == (
        "ended",
        MOMENT + DAY,
        "Bye.",
    )
    assert actions() == ["enrollment.ended"]


def test_who_leaves_at_the_moment_of_joining_was_in_for_an_instant():
    ended = enrollments.end(EnrollmentFactory(since=MOMENT), at=MOMENT)

    assert ended.ended_at == MOMENT + timedelta(microseconds=1)


@pytest.mark.parametrize("state", ["applied", "invited", "rejected"])
def test_only_who_is_in_leaves(state):
    with pytest.raises(EnrollmentNotActive):
        enrollments.end(EnrollmentFactory(**{state: True}), at=MOMENT)


def test_who_has_left_does_not_come_back():
    left = EnrollmentFactory(ended=True, creator__eligible=True)

    with pytest.raises(enrollments.EnrollmentEnded):
        apply(left.creator, left.program)
    with pytest.raises(enrollments.EnrollmentEnded):
        enrollments.invite(left.program, left.creator, at=MOMENT)


# ------------------------------------------------------------------ inviting


def test_an_invitation_carries_a_rate_of_its_own():
    to, creator = program("invitation"), CreatorFactory(eligible=True)

    for _again in range(2):
        invited = enrollments.invite(to, creator, rate_bp=2000, at=MOMENT)

    assert (invited.status, invited.since) == ("invited", None)
    rate = Rate.objects.get()
    assert (rate.rate_bp, rate.audience, rate.starts_at) == (
        2000,
        invited.audience,
        MOMENT,
    )


@pytest.mark.parametrize("way", ["accept", "apply"])
def test_an_invitation_stands_above_the_programs_rules_but_for_the_age(way):
    to = program("invitation", least_followers=10**6, countries=["BE"])
    creator = CreatorFactory(eligible=True)
    invited = enrollments.invite(to, creator, at=MOMENT)

    for _again in range(2):
        if way == "accept":
            row = accept(invited, at=MOMENT + DAY)
        else:
            row = apply(creator, to, at=MOMENT + DAY)

    assert (row.status, row.since) == ("active", MOMENT + DAY)
    assert actions() == ["enrollment.invited", "enrollment.active"]


def test_an_invitation_does_not_make_up_for_the_age():
    invited = EnrollmentFactory(invited=True)

    with pytest.raises(eligibility.NotEligible):
        accept(invited)

    invited.refresh_from_db()
    assert invited.status == "invited"


@pytest.mark.parametrize("state", ["applied", "rejected", "ended"])
def test_there_is_nothing_to_accept_without_an_invitation(state):
    with pytest.raises(enrollments.NotInvited):
        accept(EnrollmentFactory(**{state: True}))


def test_inviting_who_has_applied_takes_them_in():
    to = program("approval")
    waiting = apply(to=to)

    row = enrollments.invite(to, waiting.creator, flat_cents=300, at=MOMENT + DAY)

    assert (row.status, row.since) == ("active", MOMENT + DAY)
    assert Rate.objects.get().flat_cents == 300


def test_inviting_who_was_rejected_for_good_asks_them_in():
    to = program("approval")
    rejected = apply(to=to)
    told = {**NO, "may_apply_again": "never"}
    enrollments.reject(rejected, **told, at=MOMENT)

    row = enrollments.invite(to, rejected.creator, at=MOMENT + DAY)

    assert (row.status, row.reason) == ("invited", "")
    assert accept(row).status == "active"


@pytest.mark.parametrize("state", ["invited", "active"])
def test_other_terms_for_who_is_in_are_a_rate_and_no_invitation(state):
    row = EnrollmentFactory(**({state: True} if state == "invited" else {}))

    assert enrollments.invite(row.program, row.creator, at=MOMENT) == row
    with pytest.raises(enrollments.AlreadyIn):
        enrollments.invite(row.program, row.creator, rate_bp=2000, at=MOMENT)

    assert not Rate.objects.exists()

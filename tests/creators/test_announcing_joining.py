"""P1, P2: the steps into a program are told to whom they concern."""

import pytest

from creators import enrollments
from shops.models import Role
from tests.creators import joining
from tests.creators.telling import DAY, SAID, hand_out, told, words
from tests.factories import CreatorFactory, EnrollmentFactory, MemberFactory
from tests.shops.telling import told_people

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return joining.program("approval", name="Lune")


@pytest.fixture
def enrollment(program):
    creator = CreatorFactory(eligible=True, user__language="en")
    return joining.apply(creator, program, at=SAID)


def test_an_application_is_told_to_owners_and_managers_of_the_shop_alone(program):
    people = {role: MemberFactory(shop=program.shop, role=role).user for role in Role}
    stranger = MemberFactory().user

    enrollment = joining.apply(to=program, at=SAID)
    hand_out()

    assert told_people(*people.values(), stranger) == {
        people[Role.OWNER].pk: ["application_received"],
        people[Role.MANAGER].pk: ["application_received"],
    }
    assert told(enrollment) == []
    notice = people[Role.OWNER].notices.get()
    assert notice.path == f"/admin/creators/enrollment/{enrollment.pk}/change/"
    assert notice.params["creator"] == f"@{enrollment.creator.handle}"


def test_who_joins_an_open_program_is_told_nothing(program):
    enrollment = joining.apply(to=joining.program("open"), at=SAID)

    assert told(enrollment) == []


def test_an_approval_is_told(enrollment):
    enrollments.approve(enrollment, at=SAID + DAY)
    enrollments.approve(enrollment, at=SAID + 2 * DAY)

    assert told(enrollment) == ["application_approved"]
    assert words(enrollment).startswith("Welcome to Lune")


@pytest.mark.parametrize(
    ("again", "days", "expected"),
    [
        ("now", None, "You may apply again at any time."),
        ("later", 10, "You may apply again from 12 November 2026, 13:00"),
        ("never", None, "Only an invitation of the shop leads in now."),
    ],
)
def test_a_rejection_is_told_with_its_reason(enrollment, again, days, expected):
    enrollments.reject(
        enrollment,
        reason="Too few videos.",
        may_apply_again=again,
        after_days=days,
        at=SAID + DAY,
    )

    assert told(enrollment) == ["application_rejected"]
    assert ": Too few videos.\n" in words(enrollment)
    notice = enrollment.creator.user.notices.get()
    assert notice.path == f"/portal/links/#program-{enrollment.program_id}"
    assert expected in words(enrollment)


def test_a_second_rejection_is_told_again(enrollment):
    for days in (1, 3):
        enrollments.reject(
            enrollment, reason="No.", may_apply_again="now", at=SAID + days * DAY
        )
        joining.apply(
            enrollment.creator, enrollment.program, at=SAID + (days + 1) * DAY
        )

    assert told(enrollment) == ["application_rejected"] * 2


def test_an_invitation_is_told_and_its_withdrawal(program):
    creator = CreatorFactory(user__language="en")

    enrollment = enrollments.invite(program, creator, rate_bp=1200, at=SAID)
    hand_out()
    assert told(enrollment) == ["invited"]
    assert "invites you to Lune" in words(enrollment)
    enrollments.reject(
        enrollment, reason="A mistake.", may_apply_again="now", at=SAID + DAY
    )

    assert told(enrollment) == ["invited", "invitation_withdrawn"]


def test_who_is_parted_with_is_told_and_who_leaves_is_not():
    one, other = EnrollmentFactory(), EnrollmentFactory()

    enrollments.end(one, reason="Fake followers.", at=SAID)
    enrollments.end(other, at=SAID, by=other.creator.user)

    assert told(one) == ["enrollment_ended"]
    assert told(other) == []

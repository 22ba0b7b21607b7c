"""Creators invited by a table or a list, line by line (rule P1)."""

from datetime import date

import pytest

from affiliate.common.models import AuditEntry
from creators import enrollments, tables
from creators.models import Enrollment, EnrollmentStatus
from shops.models import Program, Rate
from tests.factories import CreatorFactory, EnrollmentFactory, ProgramFactory
from tests.shops.bringing import counts, faults, imported, previewed
from tests.shops.building import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return ProgramFactory(active=True, slug="lune", enrollment="invitation")


def adult(handle: str, **fields: object):
    return CreatorFactory(handle=handle, born_on=date(1990, 1, 1), **fields)


def bring(program: Program, body: str, *, save: bool = True, **options: object):
    act = imported if save else previewed
    return act(
        program.shop,
        "creators",
        body,
        makers=tables.KINDS,
        program=program.pk,
        **options,
    )


def notes(upload) -> dict[str, str]:
    told = upload.plan["shown"]
    return {row["label"]: row["note"] for row in told.get("new", [])}


def test_a_list_of_handles_is_invited(program: Program) -> None:
    for handle in ("lea", "tom", "mia"):
        adult(handle)

    upload = bring(program, "@lea\n\n TOM \nmia")

    assert counts(upload) == {"new": 3}
    assert {each.status for each in Enrollment.objects.all()} == {"invited"}
    entry = AuditEntry.objects.filter(action="enrollment.invited").first()
    assert entry is not None
    assert entry.actor_id == upload.by_id


def test_a_preview_invites_nobody(program: Program) -> None:
    adult("lea")

    upload = bring(program, "@lea\n", save=False)

    assert counts(upload) == {"new": 1}
    assert not Enrollment.objects.exists()


def test_each_line_says_what_becomes_of_it(program: Program) -> None:
    adult("new")
    CreatorFactory(handle="ageless", born_on=None)
    CreatorFactory(handle="young", born_on=date(2012, 1, 1))
    EnrollmentFactory(program=program, creator=adult("in"))
    EnrollmentFactory(program=program, creator=adult("asked"), status="invited")
    EnrollmentFactory(program=program, creator=adult("applied"), status="applied")
    left = EnrollmentFactory(program=program, creator=adult("left"))
    enrollments.end(left, at=NOW)

    upload = bring(program, "new\nageless\nyoung\nin\nasked\napplied\nleft\nnobody\n")

    assert counts(upload) == {"new": 3, "unchanged": 2, "changed": 1, "rejected": 2}
    age = "Can accept once the age that the program asks for is known."
    assert notes(upload) == {
        f"@new · {program}": "",
        f"@ageless · {program}": age,
        f"@young · {program}": age,
    }
    assert [(line, said) for line, _column, said in faults(upload)] == [
        (7, "This creator has left the program."),
        (8, "There is no creator of this handle."),
    ]
    stays = {row["label"]: row["note"] for row in upload.plan["shown"]["unchanged"]}
    assert stays == {f"@in · {program}": "active", f"@asked · {program}": "invited"}
    applied = Enrollment.objects.get(creator__handle="applied")
    assert applied.status == EnrollmentStatus.ACTIVE


def test_an_address_is_known_of_own_creators_only(program: Program) -> None:
    """Whether a stranger has an account is told by no word of the answer."""
    elsewhere = ProgramFactory(shop=program.shop)
    own = adult("own", user__email="own@mail.example")
    EnrollmentFactory(program=elsewhere, creator=own)
    adult("stranger", user__email="stranger@mail.example")
    table = "Own@Mail.Example\nstranger@mail.example\nnobody@mail.example\n"

    upload = bring(program, table)

    [invited] = Enrollment.objects.filter(program=program)
    assert invited.creator == own
    told = upload.plan["shown"]["rejected"]
    assert [row["line"] for row in told] == [2, 3]
    [one, other] = [row["faults"][0] for row in told]
    assert {**one, "cell": ""} == {**other, "cell": ""}
    assert one["reason"] == "None of your creators has this address."


@pytest.mark.parametrize(
    ("status", "is_known"),
    [
        ("invited", False),
        ("rejected", False),  # also an invitation that was taken back
        ("applied", True),
        ("active", True),
        ("ended", True),
    ],
)
def test_an_address_is_known_of_who_came_themselves(
    program: Program, status: str, is_known: bool
) -> None:
    lea = adult("lea", user__email="lea@mail.example")
    turned = {"reason": "No.", "may_apply_again": "now"} if status == "rejected" else {}
    elsewhere = EnrollmentFactory(
        program__shop=program.shop,
        creator=lea,
        status="active" if status == "ended" else status,
        **turned,
    )
    if status == "ended":
        enrollments.end(elsewhere, at=NOW)

    bring(program, "lea@mail.example\n")

    assert Enrollment.objects.filter(program=program).exists() == is_known


def test_a_rate_for_all_and_a_rate_of_the_line(program: Program) -> None:
    adult("lea")
    adult("tom")

    bring(program, "créateur;taux\nlea;15 %\ntom;\n", rate_bp=1200)

    assert sorted(
        (rate.audience.slug, rate.rate_bp)
        for rate in Rate.objects.select_related("audience")
        if rate.audience
    ) == [("lea", 1500), ("tom", 1200)]


def test_a_rate_out_of_bounds_invites_nobody(program: Program) -> None:
    adult("lea")

    upload = bring(program, "creator,rate\nlea,90 %\n")

    [(_line, column, said)] = faults(upload)
    assert column == "rate"
    assert said.startswith("From 100 to 8000 basis points")
    assert not Enrollment.objects.exists()


def test_who_is_in_on_other_terms_is_told_so(program: Program) -> None:
    EnrollmentFactory(program=program, creator=adult("lea"))

    upload = bring(program, "lea\n", rate_bp=1200)

    [(_line, _column, said)] = faults(upload)
    assert said == "This creator is in the program, or invited, already."
    assert not Rate.objects.exists()


def test_a_handle_twice_is_named_with_its_lines(program: Program) -> None:
    adult("lea")

    upload = bring(program, "@lea\nLEA\n")

    said = "It stands more than once: lines 1, 2."
    assert faults(upload) == [(1, "creator", said), (2, "creator", said)]


def test_another_shops_program_invites_nobody(program: Program) -> None:
    adult("lea")
    theirs = ProgramFactory(active=True, slug="theirs")

    upload = bring(program, "creator,program\nlea,theirs\n")

    [(_line, _column, said)] = faults(upload)
    assert said == "The shop has no such program."
    assert not Enrollment.objects.filter(program=theirs).exists()


@pytest.mark.parametrize("line", ["a\0b", "@", "x" * 500, "=cmd()", "@@a"])
def test_a_line_that_is_no_handle_stops_no_other(program: Program, line: str) -> None:
    adult("lea")

    upload = bring(program, f"{line}\nlea\n")

    assert counts(upload) == {"rejected": 1, "new": 1}

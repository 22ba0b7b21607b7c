"""Codes: one a program without regard to case, never handed out again (rule L2)."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from creators import codes
from creators.links import EnrollmentNotActive
from creators.models import Code, CodeStatus
from tests.factories import CodeFactory, EnrollmentFactory
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db


@pytest.fixture
def enrollment():
    return EnrollmentFactory()


def taken_by_another(enrollment, code, **traits):
    other = EnrollmentFactory(program=enrollment.program)
    return CodeFactory(enrollment=other, code=code, **traits)


def test_a_free_code_is_handed_out_as_it_was_asked_for(enrollment):
    code = codes.create(
        enrollment,
        " Léa10 ",
        post="reel 12",
        format="video",
        starts_at=MOMENT,
        ends_at=MOMENT + timedelta(days=7),
        max_uses=100,
        at=MOMENT,
    )

    kept = Code.objects.get(pk=code.pk)
    assert kept.code == "Léa10"
    assert kept.program == enrollment.program
    assert kept.status == CodeStatus.ACTIVE
    assert (kept.post, kept.format, kept.max_uses) == ("reel 12", "video", 100)
    assert (kept.starts_at, kept.ends_at) == (MOMENT, MOMENT + timedelta(days=7))
    assert kept.created_at == MOMENT


def test_a_collision_gets_a_suffix(enrollment):
    taken_by_another(enrollment, "LEA10")
    taken_by_another(enrollment, "lea10-2")

    assert codes.create(enrollment, "Lea10", at=MOMENT).code == "Lea10-3"


def test_another_program_may_have_the_same_code(enrollment):
    CodeFactory(code="LEA10")

    assert codes.create(enrollment, "LEA10", at=MOMENT).code == "LEA10"


@pytest.mark.parametrize("end", ["retired", "banned"])
def test_a_code_that_has_ended_is_never_handed_out_again(enrollment, end):
    CodeFactory(enrollment=enrollment, code="LEA10", **{end: True})

    assert codes.create(enrollment, "lea10", at=MOMENT).code == "lea10-2"


def test_who_wants_it_exactly_gets_it_or_nothing(enrollment):
    taken_by_another(enrollment, "LEA10")

    with pytest.raises(codes.TakenCode):
        codes.create(enrollment, "lea10", is_exact=True, at=MOMENT)
    assert codes.create(enrollment, "LEA11", is_exact=True, at=MOMENT).code == "LEA11"


@pytest.mark.parametrize("is_exact", [True, False])
def test_the_same_wish_again_gives_the_same_code(enrollment, is_exact):
    wish = {"is_exact": is_exact, "max_uses": 5, "at": MOMENT}

    first = codes.create(enrollment, "LEA10", **wish)
    assert codes.create(enrollment, "lea10", **wish) == first


def test_the_same_wish_again_gives_the_same_suffix(enrollment):
    taken_by_another(enrollment, "LEA10")
    first = codes.create(enrollment, "LEA10", at=MOMENT)

    assert codes.create(enrollment, "LEA10", at=MOMENT) == first
    assert codes.create(enrollment, "LEA10", post="b", at=MOMENT).code == "LEA10-3"


def test_a_code_with_a_suffix_does_not_stand_for_one_that_is_free(enrollment):
    codes.create(enrollment, "LEA10-2", at=MOMENT)

    assert codes.create(enrollment, "LEA10", at=MOMENT).code == "LEA10"


def test_a_suffix_fits_behind_the_longest_code(enrollment):
    taken_by_another(enrollment, "A" * 40)

    assert codes.create(enrollment, "a" * 40, at=MOMENT).code == "a" * 38 + "-2"
    assert codes.create(enrollment, "A" * 40, at=MOMENT).code == "a" * 38 + "-2"


@pytest.mark.parametrize("sign", ["ß", "ǰ", "İ", "ς"])
def test_letters_whose_capitals_are_special_get_a_suffix_too(enrollment, sign):
    taken_by_another(enrollment, f"{sign}LEA")
    taken_by_another(enrollment, f"{sign}LEA-2")

    assert codes.create(enrollment, f"{sign}LEA", at=MOMENT).code == f"{sign}LEA-3"


@pytest.mark.parametrize(
    "code", ["", "A", " A ", "A B", "A\tB", "A\u00a0B", "A\u200bB", "A\x00B", "A" * 41]
)
def test_a_code_that_nobody_can_type_is_refused(enrollment, code):
    with pytest.raises(codes.MalformedCode):
        codes.create(enrollment, code, at=MOMENT)
    assert not Code.objects.exists()


def test_wide_letters_are_the_ones_of_a_keyboard(enrollment):
    assert codes.create(enrollment, "ＬＥＡ１０", at=MOMENT).code == "LEA10"


@pytest.mark.parametrize(
    "terms",
    [
        {"max_uses": 0},
        {"max_uses": -1},
        {"starts_at": MOMENT, "ends_at": MOMENT},
        {"starts_at": MOMENT, "ends_at": MOMENT - timedelta(microseconds=1)},
    ],
)
def test_a_code_that_could_never_be_used_is_refused(enrollment, terms):
    with pytest.raises(codes.MalformedTerms):
        codes.create(enrollment, "LEA10", at=MOMENT, **terms)


@pytest.mark.parametrize("state", ["applied", "rejected", "ended"])
def test_only_who_is_active_in_the_program_gets_a_code(state):
    with pytest.raises(EnrollmentNotActive):
        codes.create(EnrollmentFactory(**{state: True}), "LEA10", at=MOMENT)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_a_code_at_once_each_gets_another():
    first = EnrollmentFactory()
    wishes = [
        first,
        *(EnrollmentFactory(program=first.program) for _ in range(7)),
    ]
    start, results = threading.Barrier(len(wishes)), []

    def want(enrollment):
        start.wait()
        try:
            results.append(codes.create(enrollment, "LEA10", at=MOMENT).code)
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(wish,)) for wish in wishes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results) == ["LEA10", *(f"LEA10-{n}" for n in range(2, 9))]


# ------------------------------------------------------------------ the end

LATER = MOMENT + timedelta(days=1)


def test_a_code_is_retired_once():
    code = CodeFactory()
    codes.retire(code.pk, at=MOMENT)
    codes.retire(code.pk, at=LATER)

    code.refresh_from_db()
    assert (code.status, code.retired_at) == (CodeStatus.RETIRED, MOMENT)


def test_a_code_is_banned_once():
    code = CodeFactory()
    codes.ban(code.pk, at=MOMENT)
    codes.ban(code.pk, at=LATER)

    code.refresh_from_db()
    assert (code.status, code.retired_at) == (CodeStatus.BANNED, MOMENT)


def test_a_retired_code_may_be_banned_and_ended_when_it_was_retired():
    code = CodeFactory(retired=True)

    assert codes.ban(code.pk, at=LATER).status == CodeStatus.BANNED
    code.refresh_from_db()
    assert code.retired_at == MOMENT


def test_a_banned_code_stays_banned():
    code = CodeFactory(banned=True)

    assert codes.retire(code.pk, at=LATER).status == CodeStatus.BANNED

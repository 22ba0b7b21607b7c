"""Every constraint of the floor's tables refuses what it is there to refuse."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from creators.models import GroupMember
from tests.factories import (
    AudienceFactory,
    ClickFactory,
    CodeFactory,
    CodeUseFactory,
    CreatorEmailFactory,
    CreatorFactory,
    EnrollmentFactory,
    GroupMemberFactory,
    LinkFactory,
    OrderLineFactory,
    ProductFactory,
    ProgramFactory,
    ShopFactory,
    UnaccruedVerdictFactory,
    UserFactory,
    VerdictFactory,
)
from tests.factories.shops import MOMENT

pytestmark = pytest.mark.django_db
DAY, INSTANT = timedelta(days=1), timedelta(microseconds=1)


@transaction.atomic
def to_the_commit(change):
    """Do it and look at what is otherwise looked at when the commit comes."""
    change()
    connection.check_constraints()


def refused(make, **fields):
    """Expect the database to refuse a row, and to keep nothing of it."""
    model = make._meta.model
    before = model.objects.count()
    with pytest.raises(IntegrityError):
        to_the_commit(lambda: make(**fields))
    assert model.objects.count() == before


def refused_change(row, **fields):
    rows = type(row).objects.filter(pk=row.pk)
    with pytest.raises(IntegrityError):
        to_the_commit(lambda: rows.update(**fields))


# ------------------------------------------------------------------ creators


@pytest.mark.breaks("creator_handle_is_unique_without_case")
def test_a_handle_is_one_creators_without_regard_to_case():
    CreatorFactory(handle="lea")

    refused(CreatorFactory, handle="LEA")
    assert CreatorFactory(handle="lea2").pk


@pytest.mark.breaks("creator_handle_is_plain")
@pytest.mark.parametrize("handle", ["", "-lea", "lé", "le a", "le/a", "@lea"])
def test_a_handle_is_plain(handle):
    refused(CreatorFactory, handle=handle)
    assert CreatorFactory(handle="Lea.a-b_2").pk


@pytest.mark.breaks("creators_creator.user_id")
def test_a_user_is_one_creator():
    user = UserFactory()
    CreatorFactory(user=user)

    refused(CreatorFactory, user=user)


@pytest.mark.breaks("creator_email_is_kept_once")
def test_an_address_of_a_creator_is_kept_once():
    email = CreatorEmailFactory()

    refused(
        CreatorEmailFactory, creator=email.creator, address=email.creator.user.email
    )
    assert CreatorEmailFactory(email_hash=email.email_hash).pk


# ------------------------------------------------------------------ enrollment


@pytest.mark.breaks("enrollment_once_per_program")
def test_a_creator_enrolls_once_in_a_program():
    first = EnrollmentFactory()
    audience = AudienceFactory(program=first.program, kind="creator")

    refused(
        EnrollmentFactory,
        creator=first.creator,
        program=first.program,
        audience=audience,
    )
    assert EnrollmentFactory(creator=first.creator).pk


@pytest.mark.breaks("creators_enrollment.audience_id")
def test_an_audience_of_one_is_of_one():
    first = EnrollmentFactory()

    refused(EnrollmentFactory, program=first.program, audience=first.audience)


@pytest.mark.breaks("enrollment_ends_after_it_starts")
def test_an_enrollment_ends_after_it_starts():
    refused(EnrollmentFactory, ended=True, since=MOMENT, ended_at=MOMENT)
    refused(EnrollmentFactory, applied=True, since=None, ended_at=MOMENT)


@pytest.mark.breaks("enrollment_is_active_since_some_moment")
@pytest.mark.parametrize("status", ["active", "ended"])
def test_who_is_or_was_active_is_so_since_some_moment(status):
    refused(EnrollmentFactory, status=status, since=None)
    assert EnrollmentFactory(status="applied", since=None).pk


@pytest.mark.breaks("enrollment_status_is_known")
def test_an_enrollment_has_a_known_status():
    refused(EnrollmentFactory, status="unknown")


@pytest.mark.breaks("enrollment_audience_is_of_its_program")
def test_an_enrollment_takes_no_audience_of_another_program():
    refused(EnrollmentFactory, audience=AudienceFactory(kind="creator"))


@pytest.mark.breaks("group_has_a_member_once_at_a_time")
def test_a_group_has_a_member_once_at_a_time():
    member = GroupMemberFactory(starts_at=MOMENT, ends_at=MOMENT + DAY)
    same = {"enrollment": member.enrollment, "audience": member.audience}

    refused(GroupMemberFactory, **same)
    refused(GroupMemberFactory, **same, starts_at=MOMENT + DAY - INSTANT)
    refused(GroupMemberFactory, **same, ends_at=MOMENT + INSTANT)
    GroupMemberFactory(**same, ends_at=MOMENT)
    GroupMemberFactory(**same, starts_at=MOMENT + DAY)


@pytest.mark.breaks("group_member_ends_after_it_starts")
def test_a_member_leaves_after_joining():
    GroupMemberFactory(starts_at=MOMENT, ends_at=MOMENT + INSTANT)

    refused(GroupMemberFactory, starts_at=MOMENT, ends_at=MOMENT)


@pytest.mark.breaks("group_member_facts_stay")
def test_who_was_in_a_group_stays():
    member = GroupMemberFactory(starts_at=MOMENT)
    other = EnrollmentFactory(program=member.program)

    refused_change(member, enrollment=other)
    refused_change(member, starts_at=MOMENT - DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        member.delete()
    rows = GroupMember.objects.filter(pk=member.pk)
    rows.update(ends_at=MOMENT + DAY)
    rows.update(ends_at=None)


@pytest.mark.breaks("group_member_audience_is_of_its_program")
def test_a_member_joins_no_group_of_another_program():
    refused(GroupMemberFactory, audience=AudienceFactory())


@pytest.mark.breaks("group_member_enrollment_is_of_its_program")
def test_a_group_takes_no_member_of_another_program():
    program = ProgramFactory()

    refused(
        GroupMemberFactory,
        program=program,
        audience=AudienceFactory(program=program),
    )


# ------------------------------------------------------------------ links, codes


@pytest.mark.breaks("link_slug_is_never_reused")
def test_a_slug_is_never_used_again():
    LinkFactory(slug="k3v9x2", closed=True)

    refused(LinkFactory, slug="k3v9x2")


@pytest.mark.breaks("link_slug_is_lower_case")
@pytest.mark.parametrize("slug", ["K3v9x2", "ab", "a b", "été", "a/b", ""])
def test_a_slug_can_be_typed_by_everyone(slug):
    refused(LinkFactory, slug=slug)


@pytest.mark.breaks("link_stays_in_its_shop")
def test_a_link_names_no_product_of_another_shop():
    link = LinkFactory()
    stranger = ProductFactory()

    refused(LinkFactory, enrollment=link.enrollment, product=stranger)
    refused_change(link, product=stranger)
    own = ProductFactory(shop=link.enrollment.program.shop)
    assert LinkFactory(enrollment=link.enrollment, product=own).pk


@pytest.mark.breaks("code_is_unique_in_program_without_case")
def test_a_code_is_one_in_its_program_without_regard_to_case():
    code = CodeFactory(code="LEA10", retired=True)

    refused(CodeFactory, enrollment=code.enrollment, code="lea10")
    assert CodeFactory(code="lea10").pk


@pytest.mark.breaks("code_has_no_blanks")
@pytest.mark.parametrize("code", ["", "A", "A B", "A\tB", " AB"])
def test_a_code_has_no_blanks(code):
    refused(CodeFactory, code=code)


@pytest.mark.breaks("code_ends_after_it_starts")
def test_a_code_ends_after_it_starts():
    refused(CodeFactory, starts_at=MOMENT, ends_at=MOMENT)


@pytest.mark.breaks("code_is_retired_at_some_moment")
def test_a_code_that_ended_did_so_at_some_moment():
    refused(CodeFactory, retired=True, retired_at=None)
    refused(CodeFactory, banned=True, retired_at=None)
    refused(CodeFactory, status="active", retired_at=MOMENT)
    refused(CodeFactory, status="other", retired_at=MOMENT)


@pytest.mark.breaks("code_is_of_the_program_of_its_enrollment")
def test_a_code_is_of_the_program_of_its_enrollment():
    refused(CodeFactory, program=ProgramFactory())


@pytest.mark.breaks("code_is_used_once_per_order")
def test_an_order_takes_one_use_of_a_code():
    use = CodeUseFactory()

    refused(CodeUseFactory, code=use.code, order=use.order)


# ------------------------------------------------------------------ verdicts


@pytest.mark.breaks("verdict_names_a_creator_only_when_attributed")
@pytest.mark.parametrize(
    "fields",
    [
        {"attributed": True, "via": ""},
        {"attributed": True, "via": "luck"},
        {"attributed": True, "creator": None},
        {"attributed": True, "program": None},
        {"attributed": True, "enrollment": None, "program": None, "link": None},
        {"attributed": True, "state": "nobody"},
        {"attributed": True, "state": "pending"},
        {"state": "nobody", "via": "click"},
        {"state": "other"},
    ],
)
def test_a_verdict_names_a_creator_only_when_attributed(fields):
    if fields.get("enrollment", "") is None:
        fields = {**fields, "creator": CreatorFactory(), "program": ProgramFactory()}
    refused(VerdictFactory, **fields)


@pytest.mark.breaks("verdict_is_of_the_shop_of_its_line")
def test_a_verdict_is_of_the_shop_of_its_line():
    refused(VerdictFactory, line=OrderLineFactory(), shop=ShopFactory())


@pytest.mark.breaks("verdict_program_is_of_its_shop")
def test_a_line_earns_in_no_program_of_another_shop():
    refused(VerdictFactory, attributed=True, enrollment=EnrollmentFactory())


@pytest.mark.breaks("verdict_enrollment_is_of_its_program")
def test_a_line_earns_for_no_enrollment_of_another_program():
    verdict = VerdictFactory(attributed=True)

    refused_change(verdict, program=ProgramFactory(shop=verdict.shop))


@pytest.mark.breaks("verdict_enrollment_is_of_its_creator")
def test_a_line_earns_for_no_creator_but_the_enrolled():
    refused_change(VerdictFactory(attributed=True), creator=CreatorFactory())


def test_a_line_has_one_verdict_and_waits_once():
    waiting = UnaccruedVerdictFactory()

    refused(VerdictFactory, line=waiting.verdict.line)
    refused(UnaccruedVerdictFactory, verdict=waiting.verdict)


def test_a_click_is_counted_once():
    refused(ClickFactory, click_id=ClickFactory().click_id)


def test_nothing_that_is_leaned_on_can_be_deleted():
    click, use, verdict = (
        ClickFactory(),
        CodeUseFactory(),
        VerdictFactory(attributed=True),
    )
    for row in (
        click.link,
        click.link.enrollment,
        use.code,
        verdict.enrollment,
        verdict.creator,
        verdict.creator.user,
    ):
        rows = type(row).objects.filter(pk=row.pk)
        with pytest.raises(IntegrityError):
            to_the_commit(lambda rows=rows: rows._raw_delete(using="default"))

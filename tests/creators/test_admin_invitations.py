"""The page where creators are invited, and the lists that are taken along."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from creators.models import Enrollment
from shops.models import Program, Role, TableImport
from tests.factories import (
    CreatorFactory,
    EnrollmentFactory,
    OrderFactory,
    OrderLineFactory,
    ProgramFactory,
    VerdictFactory,
)
from tests.shops.backoffice import member_browser, staff_browser, text

pytestmark = pytest.mark.django_db

INVITE = "/admin/creators/enrollment/import/"
EXPORT_CREATORS = "/admin/creators/enrollment/export/csv/"
EXPORT_LINES = "/admin/shops/order/export/csv/"


@pytest.fixture
def program() -> Program:
    return ProgramFactory(active=True)


@pytest.fixture
def browser(program: Program) -> Client:
    return member_browser(program.shop)


def body_of(response) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def invite(browser: Client, program: Program, **fields: object):
    return browser.post(INVITE, {"program": program.pk, **fields}, follow=True)


def test_pasted_handles_are_shown_then_invited(
    browser: Client, program: Program
) -> None:
    CreatorFactory(handle="lea")

    page = invite(browser, program, pasted="@lea\nnobody", rate_bp="15")

    assert "@lea" in text(page)
    assert "There is no creator of this handle." in text(page)
    assert not Enrollment.objects.exists()

    upload = TableImport.objects.get()
    page = browser.post(f"/admin/shops/tableimport/{upload.pk}/apply/", follow=True)

    assert Enrollment.objects.get().status == "invited"
    assert "Invited" in text(page)


def test_a_file_invites_too(browser: Client, program: Program) -> None:
    CreatorFactory(handle="lea")
    file = SimpleUploadedFile("list.txt", b"lea")

    page = invite(browser, program, file=file)

    assert f"@lea · {program}" in text(page)


@pytest.mark.parametrize("both", [True, False])
def test_one_of_the_two_ways_is_needed(
    browser: Client, program: Program, both: bool
) -> None:
    file = SimpleUploadedFile("list.txt", b"lea")
    fields = {"pasted": "lea", "file": file} if both else {}

    page = invite(browser, program, **fields)

    assert "Paste handles here, or choose a file" in text(page)
    assert not TableImport.objects.exists()


def test_nobody_invites_into_another_shops_program(browser: Client) -> None:
    page = invite(browser, ProgramFactory(active=True), pasted="lea")

    assert "Select a valid choice" in text(page)
    assert not TableImport.objects.exists()


def test_who_only_looks_invites_nobody(program: Program) -> None:
    browser = member_browser(program.shop, Role.ANALYST)

    assert browser.get(INVITE).status_code == 403
    assert invite(browser, program, pasted="lea").status_code == 403


def test_support_invites_nobody(program: Program) -> None:
    assert staff_browser("support").get(INVITE).status_code == 403


def test_enrolled_creators_are_exported_without_their_person(
    browser: Client, program: Program
) -> None:
    EnrollmentFactory(
        program=program,
        creator__handle="lea",
        creator__name="=Léa",
        creator__user__email="lea@secret.example",
    )
    EnrollmentFactory(creator__handle="theirs")

    body = body_of(browser.get(EXPORT_CREATORS))

    assert '"lea","\'=Léa",' in body
    assert "secret" not in body
    assert "theirs" not in body


def test_lines_are_exported_with_their_verdicts(
    browser: Client, program: Program
) -> None:
    order = OrderFactory(shop=program.shop, external_id="1001")
    sold = OrderLineFactory(order=order, sku="SERUM", net_cents=4000)
    OrderLineFactory(order=order, sku="CREAM")
    enrollment = EnrollmentFactory(program=program, creator__handle="lea")
    VerdictFactory(line=sold, attributed=True, enrollment=enrollment)
    OrderLineFactory(order__external_id="2002")

    lines = body_of(browser.get(EXPORT_LINES)).splitlines()

    assert len(lines) == 3
    serum = next(line for line in lines if "SERUM" in line)
    assert serum.startswith('"1001",')
    assert ",40.00," in serum
    assert ',"lea",' in serum


def test_many_lines_cost_the_queries_of_few(browser: Client, program: Program) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            body_of(browser.get(EXPORT_LINES))
        return len(found)

    OrderLineFactory.create_batch(2, order__shop=program.shop)
    few = queries()
    OrderLineFactory.create_batch(20, order__shop=program.shop)

    assert queries() == few

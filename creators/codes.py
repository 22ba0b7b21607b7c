"""Codes: what a buyer types, so that the sale is the creator's (rule L2)."""

import re
import unicodedata
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from affiliate.common import locks
from affiliate.common.errors import Refusal, Words
from creators.links import EnrollmentNotActive
from creators.models import Code, CodeStatus, Enrollment, EnrollmentStatus

_LEAST, _MOST = 2, 40
_suffix = re.compile(r"-[0-9]+$").search
# Held while a program's free code is looked for, so that two askers get two codes.
PROGRAM_CODES = locks.declare("program_codes", 230)


class MalformedCode(Refusal):
    """Nobody could type this code: 2 to 40 visible signs, no blanks."""

    code: ClassVar[str] = "code_malformed"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This cannot be a code.")
    way_out = _("Use 2 to 40 letters, digits and signs, without blanks.")


class MalformedTerms(Refusal):
    """The code could never be used: its window is empty or it allows no use."""

    code: ClassVar[str] = "code_never_usable"
    status: ClassVar[int] = 400
    title: ClassVar[Words] = _("This code could never be used.")
    way_out = _("Let it end after it starts, and allow at least one use.")


class TakenCode(Refusal):
    """The program has, or had, this code: retired ones are never handed out again."""

    code: ClassVar[str] = "code_taken"
    title: ClassVar[Words] = _("This program already has this code.")
    way_out = _("Choose another one, or let a suffix be added.")


@transaction.atomic
def create(
    enrollment: Enrollment,
    code: str,
    *,
    is_exact: bool = False,
    post: str = "",
    format: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    max_uses: int | None = None,
    at: datetime,
) -> Code:
    """Give a creator a code; where the program has it, one with a suffix: LEA10-2.

    Case does not matter, and a retired or banned code counts as taken for ever. The
    second call for the same thing, by the same creator, returns the first one's code.

    Raises EnrollmentNotActive, MalformedCode, MalformedTerms, and TakenCode if
    `is_exact` forbids a suffix.
    """
    if enrollment.status != EnrollmentStatus.ACTIVE:
        raise EnrollmentNotActive
    wanted = Code(
        enrollment=enrollment,
        program_id=enrollment.program_id,
        code=_plain(code),
        post=post,
        format=format,
        starts_at=starts_at,
        ends_at=ends_at,
        max_uses=max_uses,
        created_at=at,
    )
    _require_usable(wanted)
    locks.hold(PROGRAM_CODES, enrollment.program_id)
    known = Code.objects.filter(
        program_id=enrollment.program_id, code__iexact=wanted.code
    ).first()
    if known is None:
        wanted.save(force_insert=True)
        return wanted
    if _terms(known) == _terms(wanted):
        return known
    if is_exact:
        raise TakenCode(errors={"code": [TakenCode.title]})
    return _made_before(wanted) or _save_with_suffix(wanted)


def retire(code_id: int, *, at: datetime) -> Code:
    """End a code: orders from `at` on no longer earn by it. Again, nothing changes.

    Raises Code.DoesNotExist.
    """
    return _end(code_id, CodeStatus.RETIRED, {CodeStatus.ACTIVE}, at)


def ban(code_id: int, *, at: datetime) -> Code:
    """End a code that leaked or was misused; a retired one is banned as well.

    It ended when it was retired, if it was. Again, nothing changes. Raises
    Code.DoesNotExist.
    """
    return _end(code_id, CodeStatus.BANNED, {CodeStatus.ACTIVE, CodeStatus.RETIRED}, at)


@transaction.atomic
def _end(
    code_id: int, status: CodeStatus, before: set[CodeStatus], at: datetime
) -> Code:
    code = Code.objects.select_for_update(no_key=True).get(pk=code_id)
    if code.status in before:
        code.status, code.retired_at = status, code.retired_at or at
        code.save(update_fields=["status", "retired_at"])
    return code


def _plain(code: str) -> str:
    """Return the code in the one width a keyboard types. Raises MalformedCode."""
    plain = unicodedata.normalize("NFKC", code).strip()
    is_typeable = plain.isprintable() and not any(sign.isspace() for sign in plain)
    if not is_typeable or not _LEAST <= len(plain) <= _MOST:
        raise MalformedCode(errors={"code": [MalformedCode.title]})
    return plain


def _require_usable(code: Code) -> None:
    if code.max_uses is not None and code.max_uses < 1:
        raise MalformedTerms(errors={"max_uses": [MalformedTerms.title]})
    if code.starts_at and code.ends_at and code.ends_at <= code.starts_at:
        raise MalformedTerms(errors={"ends_at": [MalformedTerms.title]})


def _made_before(wanted: Code) -> Code | None:
    """Return the code with a suffix that the same wish was answered with before."""
    for code in Code.objects.filter(enrollment_id=wanted.enrollment_id):
        suffix = _suffix(code.code)
        if suffix and (
            code.code.upper() == _shorten(wanted.code, suffix[0]).upper()
            and _terms(code) == _terms(wanted)
        ):
            return code
    return None


def _save_with_suffix(wanted: Code) -> Code:
    codes = Code.objects.filter(program_id=wanted.program_id)
    start, number = wanted.code, 2
    taken = {
        code.upper()
        for code in codes.filter(code__istartswith=start[: _MOST - 8]).values_list(
            "code", flat=True
        )
    }
    while True:
        wanted.code = _shorten(start, f"-{number}")
        # Python and PostgreSQL differ on what a few capital letters are.
        if (
            wanted.code.upper() not in taken
            and not codes.filter(code__iexact=wanted.code).exists()
        ):
            wanted.save(force_insert=True)
            return wanted
        number += 1


def _shorten(code: str, suffix: str) -> str:
    return code[: _MOST - len(suffix)] + suffix


def _terms(code: Code) -> tuple[object, ...]:
    return (
        code.enrollment_id,
        code.status,
        code.post,
        code.format,
        code.starts_at,
        code.ends_at,
        code.max_uses,
    )

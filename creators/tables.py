"""Rows of creators: each an invitation into a program, with an own rate or without.

An e-mail address is looked up only among those who applied to a program of the shop,
or are or were in one: whether anybody else has an account is not told, nor whose handle
has which address, so that an invitation, which the shop alone makes, opens nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from affiliate.common import locks
from affiliate.common.errors import Refusal
from creators import eligibility, enrollments
from creators.models import Creator, Enrollment, EnrollmentStatus
from shops.models import Program
from shops.orders import is_fit
from shops.tables import words
from shops.tables.plan import (
    CHANGED,
    NEW,
    REJECTED,
    UNCHANGED,
    Caller,
    Fault,
    Makers,
    Outcome,
    Record,
    faults_of,
)
from shops.tables.rates import Faulty, Programs, read_amount

# An invitation that was taken back is rejected too: the creator has done nothing.
_KNOWN = (EnrollmentStatus.APPLIED, EnrollmentStatus.ACTIVE, EnrollmentStatus.ENDED)
_COLUMNS = {"rate_bp": "rate", "flat_cents": "flat", "audience": "creator"}


@dataclass
class Invitations:
    """Invitations of creators by a shop."""

    caller: Caller
    notes: list[str] = field(default_factory=list)

    alone = "creator"
    key_column = "creator"
    columns = (
        words.INVITED,
        words.PROGRAM,
        words.RATE_OPTION,
        words.RATE_BP_OPTION,
        words.FLAT_OPTION,
    )
    # Each row is a verb with its lock and its entry in the audit trail.
    most_rows = 2_000

    def __post_init__(self) -> None:
        """Read the shop's programs once."""
        self._programs = Programs(self.caller)

    def key(self, record: Record) -> str:
        """Return who is invited where."""
        who = record.get("creator").removeprefix("@").casefold()
        return f"{record.get('program')}\x1f{who}" if who else ""

    def take(self, records: Sequence[Record]) -> list[Outcome]:
        """Invite each; a refused one leaves nothing.

        The rows that the verbs lock are locked before the first of them writes into the
        trail: who holds its chain must not wait for what others hold.
        """
        named = [self._find(record.get("creator")) for record in records]
        locks.rows(Creator.objects.filter(pk__in=[each.pk for each in named if each]))
        locks.rows(Program.objects.filter(shop=self.caller.shop))
        return [self._take_one(record) for record in records]

    def finish(self) -> None:
        """Each invitation has its own entry in the trail: nothing is left to do."""

    def _take_one(self, record: Record) -> Outcome:
        label = record.get("creator")
        try:
            program = self._programs.of(record)
            creator = self._creator(record)
            rate_bp, flat_cents = self._amounts(record, program)
            with transaction.atomic():
                return self._invite(creator, program, rate_bp, flat_cents)
        except Faulty as error:
            return Outcome(REJECTED, label=label, faults=error.faults)
        except Refusal as refusal:
            faults = faults_of(refusal, _COLUMNS)
            return Outcome(REJECTED, label=label, faults=faults)

    def _amounts(
        self, record: Record, program: Program
    ) -> tuple[int | None, int | None]:
        own = read_amount(record, program)
        return own or (self.caller.options.get("rate_bp"), None)

    def _creator(self, record: Record) -> Creator:
        text = record.get("creator")
        found = self._find(text)
        if found is not None:
            return found
        if not text:
            said, way_out = _("Write a handle such as @lea."), ""
        elif "@" in text.removeprefix("@"):
            said = _("None of your creators has this address.")
            way_out = _("Ask them for their handle, and invite them by it.")
        else:
            said = _("There is no creator of this handle.")
            way_out = _("Ask them how they are called here.")
        raise Faulty(Fault("creator", said, way_out))

    def _find(self, text: str) -> Creator | None:
        name = text.removeprefix("@")
        if not name or not is_fit(name):
            return None
        if "@" not in name:
            return Creator.objects.filter(handle__iexact=name).first()
        own = Enrollment.objects.filter(
            program__shop=self.caller.shop, status__in=_KNOWN
        )
        known = Creator.objects.filter(pk__in=own.values("creator"))
        return known.filter(user__email=name.lower()).first()

    def _invite(
        self,
        creator: Creator,
        program: Program,
        rate_bp: int | None,
        flat_cents: int | None,
    ) -> Outcome:
        before = program.enrollments.filter(creator=creator).first()
        label = f"{creator} · {program}"
        after = enrollments.invite(
            program,
            creator,
            rate_bp=rate_bp,
            flat_cents=flat_cents,
            at=self.caller.at,
            by=self.caller.by,
        )
        if before is not None and before.status == after.status:
            note = str(EnrollmentStatus(after.status).label)
            return Outcome(UNCHANGED, label=label, note=note)
        if after.status == EnrollmentStatus.ACTIVE:
            was = str(EnrollmentStatus.APPLIED.label)
            change = ("creator", was, str(EnrollmentStatus.ACTIVE.label))
            note = _("Has applied, and is taken in at once.")
            return Outcome(CHANGED, label=label, changes=[change], note=note)
        return Outcome(NEW, label=label, note=self._age(creator, program))

    def _age(self, creator: Creator, program: Program) -> str:
        """Say that an age is missing, and no more: it is the creator's to tell."""
        if any(eligibility.unmet_age(creator, program, at=self.caller.at)):
            return _("Can accept once the age that the program asks for is known.")
        return ""


KINDS: Makers = {"creators": Invitations}

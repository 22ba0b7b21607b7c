"""Programs to join, and the ways into them."""

from creators import enrollments
from tests.factories import CreatorFactory, ProgramFactory
from tests.factories.shops import MOMENT


def program(enrollment="open", **fields):
    return ProgramFactory(active=True, enrollment=enrollment, **fields)


def apply(creator=None, to=None, *, number=None, at=MOMENT):
    return enrollments.apply(
        creator or CreatorFactory(eligible=True),
        to or program(),
        terms_version=number,
        address="192.0.2.1",
        at=at,
    )


def accept(enrollment, *, number=None, at=MOMENT):
    return enrollments.accept_invitation(
        enrollment, terms_version=number, address="192.0.2.1", at=at
    )

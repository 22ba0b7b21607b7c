"""The steps into a program and out of it are told to whom they concern (P1, P2)."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from affiliate.common import notify
from affiliate.common.models import User
from creators.announcing import people
from creators.models import Enrollment, EnrollmentStatus
from shops import merchants

_TOPICS: dict[tuple[str, str], str] = {
    (EnrollmentStatus.APPLIED, EnrollmentStatus.ACTIVE): "application_approved",
    (EnrollmentStatus.APPLIED, EnrollmentStatus.REJECTED): "application_rejected",
    (EnrollmentStatus.INVITED, EnrollmentStatus.REJECTED): "invitation_withdrawn",
    (EnrollmentStatus.ACTIVE, EnrollmentStatus.ENDED): "enrollment_ended",
}


def turned(
    enrollment: Enrollment, before: str, *, at: datetime, by: User | None
) -> None:
    """Tell of a step from the status `before` to that of now.

    An application is told to the shop, everything else to the creator, unless it is the
    creator who did it.
    """
    creator = enrollment.creator
    if enrollment.status == EnrollmentStatus.APPLIED:
        _tell_shop(enrollment, at)
    elif by is not None and by.pk == creator.user_id:
        return
    elif enrollment.status == EnrollmentStatus.INVITED:
        _tell_creator(enrollment, "invited", at)
    elif topic := _TOPICS.get((before, enrollment.status)):
        _tell_creator(
            enrollment,
            topic,
            at,
            reason=enrollment.reason,
            again=enrollment.may_apply_again,
            again_at=enrollment.again_at,
        )


def _tell_shop(enrollment: Enrollment, at: datetime) -> None:
    program = enrollment.program
    notify.tell(
        merchants.managers(program.shop_id),
        "creators/application_received",
        _key(enrollment, at),
        path=reverse("admin:creators_enrollment_change", args=[enrollment.pk]),
        at=at,
        params={**people.names(program), "creator": str(enrollment.creator)},
    )


def _tell_creator(
    enrollment: Enrollment, topic: str, at: datetime, **params: Any
) -> None:
    notify.tell(
        User.objects.filter(pk=enrollment.creator.user_id),
        f"creators/{topic}",
        _key(enrollment, at),
        path=people.card_of(enrollment.program),
        at=at,
        params={**people.names(enrollment.program), **params},
    )


def _key(enrollment: Enrollment, at: datetime) -> str:
    return f"enrollment:{enrollment.pk}:{enrollment.status}:{at.isoformat()}"

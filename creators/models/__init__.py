from creators.models.acceptances import TermsAcceptance
from creators.models.attribution import UnaccruedVerdict, Verdict, VerdictState
from creators.models.clicks import Click
from creators.models.codes import Code, CodeStatus, CodeUse
from creators.models.creators import Creator, CreatorEmail
from creators.models.enrollment import (
    Again,
    Enrollment,
    EnrollmentStatus,
    GroupMember,
)
from creators.models.links import Format, Link

__all__ = [
    "Again",
    "Click",
    "Code",
    "CodeStatus",
    "CodeUse",
    "Creator",
    "CreatorEmail",
    "Enrollment",
    "EnrollmentStatus",
    "Format",
    "GroupMember",
    "Link",
    "TermsAcceptance",
    "UnaccruedVerdict",
    "Verdict",
    "VerdictState",
]

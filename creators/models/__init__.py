from creators.models.attribution import UnaccruedVerdict, Verdict, VerdictState
from creators.models.clicks import Click
from creators.models.codes import Code, CodeStatus, CodeUse
from creators.models.creators import Creator, CreatorEmail
from creators.models.enrollment import Enrollment, EnrollmentStatus, GroupMember
from creators.models.links import Format, Link

__all__ = [
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
    "UnaccruedVerdict",
    "Verdict",
    "VerdictState",
]

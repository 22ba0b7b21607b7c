"""The shapes of enrollments: what is read, and what is answered."""

from rest_framework import serializers

from affiliate.common.api import PageShape
from creators.enrollments import LONGEST_DELAY_DAYS, LONGEST_REASON
from creators.models import Again, EnrollmentStatus


class RejectShape(serializers.Serializer[object]):
    """Words that the creator reads, and whether and when to apply again."""

    reason = serializers.CharField(max_length=LONGEST_REASON)
    may_apply_again = serializers.ChoiceField(choices=Again.choices)
    after_days = serializers.IntegerField(
        min_value=1, max_value=LONGEST_DELAY_DAYS, required=False, allow_null=True
    )


class EndShape(serializers.Serializer[object]):
    """Words that the creator reads."""

    reason = serializers.CharField(
        max_length=LONGEST_REASON, required=False, allow_blank=True
    )


class EnrollmentShape(serializers.Serializer[object]):
    """One creator in one program; `awaits_terms` has not accepted those in force."""

    id = serializers.IntegerField()
    program = serializers.IntegerField()
    creator = serializers.CharField()
    status = serializers.ChoiceField(choices=EnrollmentStatus.choices)
    asked_at = serializers.DateTimeField(allow_null=True)
    since = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    may_apply_again = serializers.ChoiceField(choices=Again.choices, allow_null=True)
    again_at = serializers.DateTimeField(allow_null=True)
    awaits_terms = serializers.BooleanField()


class EnrollmentsShape(PageShape):
    """One page."""

    results = EnrollmentShape(many=True)

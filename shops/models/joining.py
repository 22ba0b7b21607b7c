from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.db.models.lookups import Regex
from django.utils.translation import gettext_lazy as _

# Below it a guardian has to sign, which the platform does not offer.
LEAST_AGE, MOST_AGE = 18, 99


class Joining(models.Model):
    """Which creators a program takes (rule P2), and until when (rule P1).

    What is empty asks for nothing; what a creator has not said is not enough.
    """

    countries = ArrayField(
        models.CharField(max_length=2),
        verbose_name=_("countries"),
        default=list,
        blank=True,
        help_text=_("Where the creators live, such as FR. Empty: anywhere."),
    )
    least_followers = models.PositiveBigIntegerField(
        _("least followers"), null=True, blank=True
    )
    most_followers = models.PositiveBigIntegerField(
        _("most followers"), null=True, blank=True
    )
    niches = ArrayField(
        models.CharField(max_length=40),
        verbose_name=_("niches"),
        default=list,
        blank=True,
        help_text=_("One of them is enough. Empty: any."),
    )
    least_age = models.PositiveSmallIntegerField(
        _("least age"), default=LEAST_AGE, help_text=_("From 18 to 99.")
    )
    ends_at = models.DateTimeField(
        _("ends at"),
        null=True,
        blank=True,
        help_text=_("First moment at which an order is no longer attributed."),
    )
    end_announced_at = models.DateTimeField(
        _("end announced at"), null=True, blank=True
    )

    class Meta:
        abstract = True


constraints = [
    models.CheckConstraint(
        name="program_countries_are_iso",
        condition=Regex(
            Cast(F("countries"), models.TextField()),
            r"^\{([A-Z]{2}(,[A-Z]{2})*)?\}$",
        ),
        violation_error_message=_("Two capital letters each, such as FR."),
    ),
    models.CheckConstraint(
        name="program_takes_some_number_of_followers",
        condition=Q(least_followers__isnull=True)
        | Q(most_followers__isnull=True)
        | Q(most_followers__gte=F("least_followers")),
        violation_error_message=_("At most is less than at least."),
    ),
    models.CheckConstraint(
        name="program_least_age_is_18_to_99",
        condition=Q(least_age__gte=LEAST_AGE, least_age__lte=MOST_AGE),
        violation_error_message=_("From 18 to 99."),
    ),
    models.CheckConstraint(
        name="program_end_is_announced_before",
        condition=Q(ends_at__isnull=True, end_announced_at__isnull=True)
        | Q(
            ends_at__isnull=False,
            end_announced_at__isnull=False,
            end_announced_at__lte=F("ends_at"),
        ),
    ),
]

from django.db import models

from shops.models.programs import Program


class ProgramPlan(models.Model):
    """What a shop has written so far for a program that is still a draft.

    The draft itself holds its terms; this holds what comes into being with its
    activation: a launch boost, in the words of the API, and the text to accept.
    """

    program = models.OneToOneField(
        Program, models.PROTECT, primary_key=True, related_name="plan"
    )
    step = models.PositiveSmallIntegerField(
        default=1, help_text="How many steps of the wizard are saved."
    )
    launch = models.JSONField(null=True, blank=True)
    text = models.TextField(blank=True, default="", db_default="")

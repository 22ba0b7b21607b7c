from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OutboxMessage(models.Model):
    """Something to be done after a commit, left in the same transaction as its cause.

    The payload holds ids only: what they name is read again when it is done.
    """

    topic = models.CharField(_("topic"), max_length=100)
    payload = models.JSONField(_("ids"), default=dict)
    created_at = models.DateTimeField(_("left at"), db_default=Now())
    due_at = models.DateTimeField(_("due at"), db_default=Now())
    attempts = models.SmallIntegerField(_("attempts"), default=0)
    sent_at = models.DateTimeField(_("done at"), null=True)
    parked_at = models.DateTimeField(
        _("parked at"),
        null=True,
        help_text=_("Given up after too many attempts; waits for a person."),
    )
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        db_table = "outbox_message"
        verbose_name = _("message to do")
        verbose_name_plural = _("outbox")
        constraints = [
            models.CheckConstraint(
                condition=Q(sent_at=None) | Q(parked_at=None),
                name="outbox_message_is_not_sent_and_parked",
            ),
            models.CheckConstraint(
                condition=Q(attempts__gte=0), name="outbox_message_counts_from_zero"
            ),
            models.CheckConstraint(
                condition=~Q(topic=""), name="outbox_message_has_a_topic"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                name="outbox_message_waiting",
                condition=Q(sent_at=None, parked_at=None),
            ),
            models.Index(
                F("parked_at").desc(),
                name="outbox_message_parked",
                condition=Q(parked_at__isnull=False),
            ),
            models.Index(
                fields=["sent_at"],
                name="outbox_message_sent",
                condition=Q(sent_at__isnull=False),
            ),
        ]

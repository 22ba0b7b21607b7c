from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from shops.models.merchants import Shop


class TableKind(models.TextChoices):
    """What the rows of a table are."""

    PRODUCTS = "products", _("products")
    RATES = "rates", _("rates")
    CREATORS = "creators", _("invitations")


class TableStatus(models.TextChoices):
    """The life of a table that a person brought."""

    READING = "reading", _("being read")
    READY = "ready", _("waits for you")
    WRITING = "writing", _("being imported")
    DONE = "done", _("imported")
    REFUSED = "refused", _("cannot be read")
    DROPPED = "dropped", _("discarded")


OPEN_STATUSES = (TableStatus.READING, TableStatus.READY, TableStatus.WRITING)


class TableImport(models.Model):
    """A table between its upload and its import: private to who brought it.

    The file is kept only as long as it is needed, and goes with the last step.
    """

    shop = models.ForeignKey(
        Shop, models.PROTECT, related_name="table_imports", verbose_name=_("shop")
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("brought by"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=TableKind)
    name = models.CharField(_("file"), max_length=200)
    language = models.CharField(max_length=10, help_text="Of the reasons it is told.")
    options = models.JSONField(
        default=dict, help_text="What was chosen beside the file: ids and rates."
    )
    body = models.BinaryField(null=True, editable=False)
    status = models.CharField(
        _("status"), max_length=8, choices=TableStatus, default=TableStatus.READING
    )
    plan: Any = models.JSONField(
        null=True, help_text="What the import would change, or has changed."
    )
    digest = models.CharField(
        max_length=64, blank=True, help_text="Of every row's outcome in that plan."
    )
    rejects = models.BinaryField(null=True, editable=False)
    reason = models.TextField(_("reason"), blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(_("brought at"))
    finished_at = models.DateTimeField(_("imported at"), null=True, blank=True)

    class Meta:
        verbose_name = _("imported table")
        verbose_name_plural = _("imported tables")
        constraints = [
            models.CheckConstraint(
                name="table_import_status_is_known",
                condition=Q(status__in=TableStatus.values),
            ),
            models.CheckConstraint(
                name="table_import_kind_is_known",
                condition=Q(kind__in=TableKind.values),
            ),
            models.CheckConstraint(
                name="table_import_keeps_its_file_while_open",
                condition=Q(status__in=OPEN_STATUSES, body__isnull=False)
                | ~Q(status__in=OPEN_STATUSES) & Q(body__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="table_import_by_status"),
        ]

    def __str__(self) -> str:
        return self.name

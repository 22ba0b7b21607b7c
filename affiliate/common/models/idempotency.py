from django.db import models
from django.db.models import Q


class IdempotencyKey(models.Model):
    """The first answer to a keyed request, kept so that a repeat gets the same.

    There is no state "running": while a request runs it holds an advisory lock of its
    transaction, which a process that dies lets go of at once.
    """

    owner = models.CharField(max_length=100)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(
        max_length=64, help_text="SHA-256 of method, path, query and body."
    )
    status = models.SmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.BinaryField()
    created_at = models.DateTimeField()

    class Meta:
        db_table = "idempotency_key"
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "key"], name="idempotency_key_is_used_once_by_owner"
            ),
            models.CheckConstraint(
                condition=~Q(owner="") & ~Q(key=""),
                name="idempotency_key_names_owner_and_key",
            ),
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_key_by_age")]

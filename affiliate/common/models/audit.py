import pgtrigger
from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliate.common import triggers


class AuditEntry(models.Model):
    """Who did what to which object, and when. Written by `audit.record`, once.

    The entries of one `chain` (a shop, the platform) form a hash chain: each holds the
    hash of the one before it, so that a change, a deletion or an insertion behind the
    application's back shows. Number and hashes are set by the database.

    Entries outlive the people in them: labels and the two states hold ids and business
    facts, never a name or an address.
    """

    chain = models.CharField(_("chain"), max_length=100)
    number = models.BigIntegerField(_("number"), db_default=0, editable=False)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("user"),
    )
    actor_label = models.CharField(_("by"), max_length=150)
    action = models.CharField(_("action"), max_length=100)
    object_type = models.CharField(_("kind of object"), max_length=100)
    object_id = models.CharField(_("object"), max_length=100)
    before = models.JSONField(_("before"), null=True, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), null=True, encoder=DjangoJSONEncoder)
    prev_hash = models.CharField(max_length=64, db_default="", editable=False)
    hash = models.CharField(max_length=64, db_default="", editable=False)

    class Meta:
        db_table = "audit_entry"
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit trail")
        constraints = [
            models.UniqueConstraint(
                fields=["chain", "number"], name="audit_entry_has_its_place"
            ),
            models.CheckConstraint(
                condition=~models.Q(chain="") & ~models.Q(action=""),
                name="audit_entry_names_chain_and_action",
            ),
        ]
        indexes = [
            models.Index(
                fields=["object_type", "object_id"], name="audit_entry_of_object"
            ),
        ]
        triggers = [
            *triggers.append_only("audit_entry"),
            pgtrigger.Trigger(
                name="audit_entry_joins_its_chain",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("last", "audit_entry%rowtype")],
                # One writer a chain until it commits: the next one must see this row.
                func="""
                    perform pg_advisory_xact_lock(
                        hashtextextended('audit_chain:' || new.chain, 0));
                    select * into last from audit_entry
                     where chain = new.chain order by number desc limit 1;
                    new.number := coalesce(last.number, 0) + 1;
                    new.prev_hash := coalesce(last.hash, '');
                    new.hash := audit_entry_hash(new);
                    return new;
                """,
            ),
        ]

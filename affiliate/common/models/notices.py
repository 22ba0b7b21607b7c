from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """Something a person is told, on their pages and by e-mail.

    The topic names its templates, `emails/<floor>/<name>`; the params are what those
    need to say it in any language, now and later.
    """

    user = models.ForeignKey(
        "common.User",
        models.PROTECT,
        related_name="notices",
        verbose_name=_("user"),
        db_index=False,  # see `notice_by_user`
    )
    topic = models.CharField(_("topic"), max_length=60)
    key = models.CharField(
        max_length=120, help_text="What it is about: a second telling changes nothing."
    )
    path = models.CharField(
        max_length=200, help_text="The page of ours that it is about."
    )
    params = models.JSONField(default=dict)
    created_at = models.DateTimeField(_("told at"))
    read_at = models.DateTimeField(_("read at"), null=True)
    mailed_at = models.DateTimeField(_("e-mailed at"), null=True)

    class Meta:
        db_table = "notice"
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_is_told_once"),
            models.CheckConstraint(
                condition=Q(topic__regex=r"^[a-z]+/[a-z_]+$") & ~Q(key=""),
                name="notice_names_its_topic_and_subject",
            ),
            # "//" would lead to another site.
            models.CheckConstraint(
                condition=Q(path__regex=r"^/([^/\\]|$)"),
                name="notice_leads_to_a_page_of_ours",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notice_by_user"),
            models.Index(
                fields=["user"],
                name="notice_unread",
                condition=Q(read_at__isnull=True),
            ),
            models.Index(fields=["created_at"], name="notice_by_age"),
        ]

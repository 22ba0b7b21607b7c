from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from creators.models.enrollment import Enrollment
from shops.models import Product


class Format(models.TextChoices):
    """What kind of content shows the link or code."""

    VIDEO = "video", _("video")
    LIVE = "live", _("live")
    STORY = "story", _("story")
    OTHER = "other", _("other")


class Link(models.Model):
    """An address a creator shows; it leads only to the program's own hosts (L1)."""

    enrollment = models.ForeignKey(
        Enrollment,
        models.PROTECT,
        related_name="links",
        verbose_name=_("enrollment"),
    )
    slug = models.CharField(_("slug"), max_length=40)
    product = models.ForeignKey(
        Product,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    destination = models.URLField(_("leads to"), max_length=500)
    post = models.CharField(_("post"), max_length=120, blank=True)
    format = models.CharField(_("format"), max_length=8, choices=Format, blank=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="link_slug_is_never_reused"),
            models.CheckConstraint(
                name="link_slug_is_lower_case",
                condition=Q(slug__regex=r"^[a-z0-9_-]{3,40}$"),
            ),
        ]

    def __str__(self) -> str:
        return self.slug

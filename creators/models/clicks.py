from django.db import models
from django.utils.translation import gettext_lazy as _

from creators.models.links import Link


class Click(models.Model):
    """One visit through a link, imported from the redirect's spool.

    `click_id` is the signed token the shop gets as `cid`; attribution reads the token
    and needs this row only for ids that are not tokens (loaded past clicks).
    """

    click_id = models.CharField(_("click"), max_length=100, primary_key=True)
    link = models.ForeignKey(
        Link, models.PROTECT, related_name="clicks", verbose_name=_("link")
    )
    at = models.DateTimeField(_("at"))
    is_bot = models.BooleanField(_("bot or prefetch"), default=False)
    visitor_hash = models.CharField(
        max_length=32, blank=True, help_text="Keyed, rotated daily."
    )

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [models.Index(fields=["link", "at"], name="click_by_link_and_time")]

"""Template tags of the frame: icons and the platform's name."""

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from affiliate.common import notices
from affiliate.common.models import User

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of `img/icons.svg`; it is decoration, words go beside it."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        static("img/icons.svg"),
        name,
    )


@register.simple_tag
def platform_name() -> str:
    """Name the platform, also where a page is rendered without a request."""
    return str(settings.PLATFORM_NAME)


@register.simple_tag
def unread_notices(user: User) -> int:
    """Count what this person was told and has not read."""
    return notices.unread_count(user.pk)

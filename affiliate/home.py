from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from affiliate.common.models import User


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """Send everyone to their own first page: portal, back office, or the sign-in."""
    user = request.user
    if isinstance(user, AnonymousUser):
        return redirect("account_login")
    if user.is_staff and not hasattr(user, "creator"):
        return redirect("admin:index")
    return redirect("portal_home")


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language in this browser, and for what is written to the person."""
    answer = set_language(request)
    chosen = request.POST.get("language", "")
    if isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return answer

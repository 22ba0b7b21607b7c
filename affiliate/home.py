from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


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

"""What is wrong with the settings, said before anything starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from affiliate import env

# Without these the demo's sample account would be debited in a real bank's file.
_OWN_ACCOUNT = ("PLATFORM_IBAN", "PLATFORM_BIC")


@register()
def environment(**_: Any) -> list[CheckMessage]:
    """Stop the start on a wrong environment variable, naming it and the way out."""
    return [
        Error(f"{fault.name}: {fault.problem}", hint=fault.hint, id="affiliate.E001")
        for fault in env.faults
    ]


@register()
def servers(**_: Any) -> list[CheckMessage]:
    """Stop the start when only the owner's database is named: it would go unused."""
    given = {name for name in ("DATABASE_URL", "DATABASE_OWNER_URL") if env.text(name)}
    if given != {"DATABASE_OWNER_URL"}:
        return []
    return [
        Error(
            "DATABASE_OWNER_URL is set and DATABASE_URL is not.",
            hint="Set DATABASE_URL to the role that serves people, or neither.",
            id="affiliate.E002",
        )
    ]


@register(Tags.security, deploy=True)
def own_account(**_: Any) -> list[CheckMessage]:
    """Refuse to go live with the sample account (`manage.py check --deploy`)."""
    return [
        Error(
            f"{name} is not set: payouts would be drawn on the sample account.",
            hint=f"Set {name} to the account that pays the creators.",
            id="affiliate.E003",
        )
        for name in _OWN_ACCOUNT
        if settings.IS_HTTPS and not env.text(name)
    ]

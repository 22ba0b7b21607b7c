from typing import Any

from django.core.checks import CheckMessage, Error, register

from affiliate import env


@register()
def environment(**_: Any) -> list[CheckMessage]:
    """Stop the start on a wrong environment variable, naming it and the way out."""
    return [
        Error(f"{fault.name}: {fault.problem}", hint=fault.hint, id="affiliate.E001")
        for fault in env.faults
    ]

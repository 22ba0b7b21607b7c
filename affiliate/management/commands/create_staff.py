import getpass
import os
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_email

from affiliate import staff
from affiliate.management.base import ProductCommand

_VARIABLE = "STAFF_PASSWORD"


class Command(ProductCommand):
    """Lets one of the platform's people into the back office."""

    help = "Create a member of staff, or give one another role."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add who, and as what."""
        super().add_arguments(parser)
        parser.add_argument("--email", required=True)
        parser.add_argument("--role", required=True, choices=staff.ROLES)
        parser.add_argument("--name", default="")
        parser.add_argument(
            "--password",
            action="store_true",
            help=f"ask for a password, or read it from ${_VARIABLE}; without this it"
            " is set by e-mail",
        )

    def perform(
        self, *, email: str, role: str, name: str, password: bool, **_: Any
    ) -> dict[str, Any]:
        """Return who was let in, as what, and whether the account is new."""
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"--email: {error.messages[0]}") from error
        secret = _secret() if password else None
        user, is_new = staff.create(email, role, password=secret, name=name)
        return {"user": user.pk, "email": user.email, "role": role, "created": is_new}


def _secret() -> str:
    """Take the password from where no process list shows it."""
    return os.environ.get(_VARIABLE) or getpass.getpass("Password: ")

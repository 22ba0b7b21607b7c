from datetime import datetime
from typing import Any

from django.core.management.base import CommandError, CommandParser

from affiliate.management.base import ProductCommand, instant
from shops import keys
from shops.models import ApiKey, Shop

_LONGEST_NAME = ApiKey._meta.get_field("name").max_length or 0


class Command(ProductCommand):
    """Makes a shop's key to the API and prints it, once."""

    help = "Make a key to the API for a shop. It is printed once and kept nowhere."
    depends_on_time = True

    def add_arguments(self, parser: CommandParser) -> None:
        """Add whose key it is, what it opens, and until when."""
        super().add_arguments(parser)
        parser.add_argument("--shop", required=True, metavar="SLUG")
        parser.add_argument(
            "--scopes",
            required=True,
            nargs="+",
            metavar="SCOPE",
            help=f"one or more of {', '.join(keys.SCOPES)}",
        )
        parser.add_argument("--name", default="", help="to tell it apart in a list")
        parser.add_argument(
            "--expires", type=instant, help="RFC 3339 instant (default: never)"
        )

    def perform(
        self,
        *,
        shop: str,
        scopes: list[str],
        name: str,
        expires: datetime | None,
        at: datetime,
        **_: Any,
    ) -> dict[str, Any]:
        """Return the key, how it is shown in lists, and what it opens."""
        owner = Shop.objects.filter(slug=shop).first()
        if owner is None:
            raise CommandError(f"There is no shop {shop!r}.{_known()}")
        if len(name) > _LONGEST_NAME:
            raise CommandError(f"--name has {_LONGEST_NAME} signs at most.")
        wanted = [each for word in scopes for each in word.split(",") if each]
        key, secret = keys.create(owner, wanted, at=at, name=name, expires_at=expires)
        until = {"expires_at": expires.isoformat()} if expires else {}
        return {
            "key": secret,
            "prefix": key.prefix,
            "shop": owner.slug,
            "scopes": " ".join(key.scopes),
            **until,
        }


def _known() -> str:
    slugs = list(Shop.objects.order_by("slug").values_list("slug", flat=True)[:20])
    return f" There are: {', '.join(slugs)}." if slugs else " There is none yet."

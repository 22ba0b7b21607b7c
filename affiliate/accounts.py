from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """Accounts are made by the shop or the operator until sign-up opens."""

    def is_open_for_signup(self, request: Any) -> bool:
        """Return False: there is no public sign-up yet."""
        return False

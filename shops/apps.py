from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ShopsConfig(AppConfig):
    name = "shops"
    verbose_name = _("Shops")

    def ready(self) -> None:
        """Let the floor's subscribers be known to the outbox."""
        import_module("shops.budgets")
        import_module("shops.telling")

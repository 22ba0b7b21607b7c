from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CreatorsConfig(AppConfig):
    name = "creators"
    verbose_name = _("Creators")

    def ready(self) -> None:
        """Let the floor's subscribers be known to the outbox."""
        import_module("creators.announcing")

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "affiliate.common"
    label = "common"
    verbose_name = "Common"

    def ready(self) -> None:
        from affiliate.common import notify  # noqa: F401, PLC0415  subscribes itself

from django.apps import AppConfig


class AffiliateConfig(AppConfig):
    name = "affiliate"
    verbose_name = "Affiliate"

    def ready(self) -> None:
        from affiliate import checks  # noqa: F401, PLC0415  registers itself

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "affiliate.common"
    label = "common"
    verbose_name = "Common"

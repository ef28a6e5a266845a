"""The one Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from ihlannotate.append_only import install_after_migrate


class IhlannotateConfig(AppConfig):
    name = "ihlannotate"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "ihlannotate"

    def ready(self) -> None:
        post_migrate.connect(install_after_migrate, sender=self)

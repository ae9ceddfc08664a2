"""Django's registration of the publishing app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class PublishingConfig(AppConfig):
    name = "publishing"

    def ready(self) -> None:
        from publishing.guarantees import lay_guarantees, lift_guarantees

        pre_migrate.connect(lift_guarantees, sender=self)
        post_migrate.connect(lay_guarantees, sender=self)

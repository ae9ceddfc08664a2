"""Django's registration of the publishing app."""

from django.apps import AppConfig


class PublishingConfig(AppConfig):
    name = "publishing"

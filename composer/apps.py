"""Django's registration of the composer app."""

from django.apps import AppConfig


class ComposerConfig(AppConfig):
    name = "composer"

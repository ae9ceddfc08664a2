"""Django's registration of the leaving app."""

from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "leaving"

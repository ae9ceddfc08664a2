"""The wiring as a Django app, so that its checks are registered and its commands are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        import config.celery  # the app must exist before any task is sent
        import config.checks  # noqa: F401 - registers the system checks

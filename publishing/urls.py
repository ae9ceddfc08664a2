"""The addresses of the publishing pages."""

from django.urls import URLPattern

app_name = "publishing"
urlpatterns: list[URLPattern] = []

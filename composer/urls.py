"""The addresses of the composer pages."""

from django.urls import URLPattern

app_name = "composer"
urlpatterns: list[URLPattern] = []

"""The addresses of media: uploading, playing, posters."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

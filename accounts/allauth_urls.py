"""The addresses of signing up, signing in and what belongs to it: allauth's views under our own paths."""

from django.urls import include, path

urlpatterns = [path("", include("allauth.account.urls"))]

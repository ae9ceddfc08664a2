"""The addresses of the review pages."""

from django.urls import path

from review import operator_views, views

app_name = "review"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", views.demo_start, name="demo-start"),
    path("operator/", operator_views.operator_home, name="operator-home"),
]

"""The addresses of the review pages."""

from django.urls import path

from review import views

app_name = "review"
urlpatterns = [
    path("", views.landing, name="landing"),
    path("demo/", views.demo_start, name="demo-start"),
]

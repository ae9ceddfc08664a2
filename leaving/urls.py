"""The addresses of taking one's data along and of leaving."""

from django.urls import path

from leaving import views

app_name = "leaving"
urlpatterns = [
    path("", views.your_data, name="your-data"),
    path("export/", views.export, name="export"),
    path("delete/", views.account_delete, name="account-delete"),
    path("deleted/<uuid:pk>/", views.deletion_status, name="deletion-status"),
]

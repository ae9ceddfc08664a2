"""The map of all pages."""

from django.urls import include, path

handler400 = "config.errors.bad_request"
handler500 = "config.errors.server_error"
urlpatterns = [
    path("", include("review.urls")),
    path("your-data/", include("leaving.urls")),
    path("", include("publishing.urls")),
    path("", include("composer.urls")),
    path("", include("accounts.notifications.urls")),
    path("accounts/", include("accounts.urls")),
    path("sign/", include("accounts.allauth_urls")),
]

"""The addresses of the accounts pages."""

from django.urls import path

from accounts import connect_views, settings_views, views

app_name = "accounts"
urlpatterns = [
    path("", views.account_list, name="account-list"),
    path("connect/", connect_views.account_connect, name="connect"),
    # Registered with TikTok letter for letter; without its name in it, which its portal may refuse.
    path("connect/callback/", connect_views.connect_callback, name="connect-callback"),
    path("<int:pk>/reconnect/", connect_views.account_reconnect, name="reconnect"),
    path("<int:pk>/disconnect/", views.account_disconnect, name="disconnect"),
    path("<int:pk>/avatar/", views.account_avatar, name="avatar"),
    path("moves/<int:pk>/", connect_views.account_move, name="account-move"),
    path("moves/<int:pk>/confirm/", connect_views.move_confirm, name="move-confirm"),
    path("moves/<int:pk>/decline/", connect_views.move_decline, name="move-decline"),
    path("settings/", settings_views.settings, name="settings"),
    path("settings/zone/", settings_views.settings_zone, name="settings-zone"),
    path("settings/late/", settings_views.settings_late, name="settings-late"),
    path("local-mail/", views.local_mail, name="local-mail"),
]

"""The addresses of signing up, signing in and what belongs to it: the views of allauth we have use for.

Listed one by one: what allauth adds in a later version does not appear by itself, and each carries a policy.
"""

from allauth.account import views
from django.urls import path, re_path

from accounts.policy import holder, public
from accounts.views import email_change

urlpatterns = [
    path("up/", public(views.signup), name="account_signup"),
    path("in/", public(views.login), name="account_login"),
    path("out/", public(views.logout), name="account_logout"),
    path("inactive/", public(views.account_inactive), name="account_inactive"),
    path("again/", holder(views.reauthenticate), name="account_reauthenticate"),
    path("email/", email_change, name="account_email"),
    path("email/sent/", public(views.email_verification_sent), name="account_email_verification_sent"),
    re_path(r"^email/confirm/(?P<key>[-:\w]+)/$", public(views.confirm_email), name="account_confirm_email"),
    path("password/change/", holder(views.password_change), name="account_change_password"),
    path("password/set/", holder(views.password_set), name="account_set_password"),
    path("password/reset/", public(views.password_reset), name="account_reset_password"),
    path("password/reset/sent/", public(views.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        public(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        public(views.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

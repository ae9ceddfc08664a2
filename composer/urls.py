"""The addresses of the composer pages and of the library."""

from django.urls import include, path

from composer import copy_views, views

app_name = "composer"
urlpatterns = [
    path("posts/new/", views.post_new, name="post-new"),
    path("posts/<int:pk>/edit/", views.post_edit, name="post-edit"),
    path("posts/<int:pk>/save/", views.post_save, name="post-save"),
    path("posts/<int:pk>/check/", views.post_check, name="post-check"),
    path("posts/<int:pk>/cover/", views.post_cover, name="post-cover"),
    path("posts/<int:pk>/copy/", copy_views.post_copy, name="post-copy"),
    path("posts/<int:pk>/delete/", views.post_delete, name="post-delete"),
    path("posts/<int:pk>/hashtags/", include("composer.hashtag_urls")),
    path("library/", include("composer.library_urls")),
]

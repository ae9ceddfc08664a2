"""The addresses of the publishing pages; `pk` is always the post's."""

from django.urls import path

from publishing import publish_view, views

app_name = "publishing"
urlpatterns = [
    path("", views.post_list, name="post-list"),
    path("<int:pk>/", views.post_detail, name="post-detail"),
    path("<int:pk>/publish/", publish_view.post_publish, name="post-publish"),
    path("<int:pk>/progress/", views.post_progress, name="post-progress"),
    path("<int:pk>/try-again/", views.post_try_again, name="post-try-again"),
    path("<int:pk>/cancel/", views.post_cancel, name="post-cancel"),
    path("<int:pk>/reopen/", views.post_reopen, name="post-reopen"),
]

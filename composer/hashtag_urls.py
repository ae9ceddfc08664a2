"""The addresses of hashtag groups on a draft's page. Part of the composer's namespace."""

from django.urls import path

from composer import hashtag_views

urlpatterns = [
    path("", hashtag_views.hashtag_group_save, name="hashtag-group-save"),
    path("<int:group_pk>/add/", hashtag_views.hashtag_group_add, name="hashtag-group-add"),
    path("<int:group_pk>/delete/", hashtag_views.hashtag_group_delete, name="hashtag-group-delete"),
]

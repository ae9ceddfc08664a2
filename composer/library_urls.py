"""The addresses of media: uploading, playing, posters. Part of the composer's namespace."""

from django.urls import path

from composer import media_views

urlpatterns = [
    path("upload/", media_views.media_upload, name="media-upload"),
    path("<int:pk>/file/", media_views.media_file, name="media-file"),
    path("<int:pk>/poster/", media_views.media_poster, name="media-poster"),
]

"""The addresses of the library: its pages, uploading, playing, posters, fixes. Part of the composer's namespace."""

from django.urls import path

from composer import fix_views, frame_views, library_views, media_views

urlpatterns = [
    path("", library_views.library, name="library"),
    path("delete/", library_views.media_delete_selected, name="media-delete-selected"),
    path("<int:pk>/", library_views.media_detail, name="media-detail"),
    path("<int:pk>/rename/", library_views.media_rename, name="media-rename"),
    path("<int:pk>/delete/", library_views.media_delete, name="media-delete"),
    path("<int:pk>/frame/", frame_views.media_frame, name="media-frame"),
    path("<int:pk>/filmstrip/", frame_views.media_filmstrip, name="media-filmstrip"),
    path("<int:pk>/fix/", fix_views.media_fix, name="media-fix"),
    path("fixes/<int:pk>/", fix_views.fix_state, name="fix-state"),
    path("fixes/<int:pk>/cancel/", fix_views.fix_cancel, name="fix-cancel"),
    path("fixes/<int:pk>/use/", fix_views.fix_accept, name="fix-accept"),
    path("fixes/<int:pk>/discard/", fix_views.fix_discard, name="fix-discard"),
    path("upload/", media_views.media_upload, name="media-upload"),
    path("<int:pk>/file/", media_views.media_file, name="media-file"),
    path("<int:pk>/poster/", media_views.media_poster, name="media-poster"),
]

"""The addresses of the library: its pages, uploading, playing, posters, fixes. Part of the composer's namespace."""

from django.urls import path

from composer import (
    arrival_views,
    fix_views,
    frame_views,
    library_views,
    link_views,
    media_views,
    tus_views,
)

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
    path("link/", link_views.link_import, name="link-import"),
    path("uploads/", tus_views.upload_list, name="upload-list"),
    path("uploads/<uuid:pk>/", tus_views.upload_detail, name="upload-detail"),
    path("arrivals/", arrival_views.arrival_list, name="arrival-list"),
    path("arrivals/<uuid:pk>/", arrival_views.arrival_state, name="arrival-state"),
    path("arrivals/<uuid:pk>/cancel/", arrival_views.arrival_cancel, name="arrival-cancel"),
    path("arrivals/<uuid:pk>/dismiss/", arrival_views.arrival_dismiss, name="arrival-dismiss"),
    path("upload/", media_views.media_upload, name="media-upload"),
    path("<int:pk>/file/", media_views.media_file, name="media-file"),
    path("<int:pk>/poster/", media_views.media_poster, name="media-poster"),
]

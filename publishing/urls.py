"""The addresses of the publishing pages (`pk` is the post's), of what TikTok fetches, and of its webhook."""

from django.urls import path

from publishing import (
    calendar_views,
    publish_view,
    pull_views,
    schedule_views,
    settle_views,
    views,
    webhook_view,
)

app_name = "publishing"
urlpatterns = [
    path("posts/", views.post_list, name="post-list"),
    path("posts/<int:pk>/", views.post_detail, name="post-detail"),
    path("posts/<int:pk>/publish/", publish_view.post_publish, name="post-publish"),
    path("posts/<int:pk>/reschedule/", schedule_views.post_reschedule, name="post-reschedule"),
    path("posts/<int:pk>/post-now/", schedule_views.post_now, name="post-now"),
    path("posts/<int:pk>/progress/", views.post_progress, name="post-progress"),
    path("posts/<int:pk>/try-again/", views.post_try_again, name="post-try-again"),
    path("posts/<int:pk>/cancel/", views.post_cancel, name="post-cancel"),
    path("posts/<int:pk>/is-there/", settle_views.post_is_there, name="post-is-there"),
    path("posts/<int:pk>/send-again/", settle_views.post_send_again, name="post-send-again"),
    path("posts/<int:pk>/keep-asking/", settle_views.post_keep_asking, name="post-keep-asking"),
    path("posts/<int:pk>/reopen/", views.post_reopen, name="post-reopen"),
    path("posts/meter/<int:account_pk>/", views.posting_meter, name="posting-meter"),
    path("posts/try-now/<int:account_pk>/", views.pause_end, name="pause-end"),
    path("posts/silence/", views.sending_silence, name="silence"),
    path("posts/pending-drafts/<int:account_pk>/", views.pending_drafts, name="pending-drafts"),
    path("posts/commit-gate/", views.gate_hold, name="gate-hold"),
    path("calendar/", calendar_views.calendar, name="calendar"),
    path("calendar/<int:pk>/move/", calendar_views.calendar_move, name="calendar-move"),
    path("pull/<str:token>/<path:name>", pull_views.pull_file, name="pull-file"),
    path("webhooks/tiktok/", webhook_view.webhook_tiktok, name="webhook-tiktok"),
]

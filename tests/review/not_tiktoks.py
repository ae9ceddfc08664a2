"""Columns that hold nothing of TikTok's: what people wrote, what we made ourselves, and what the frameworks need."""

_BY_MODEL = {
    "account.EmailAddress": "id user email verified primary",
    "account.EmailConfirmation": "id email_address created sent key",
    "accounts.AccountMove": (
        "id account from_workspace to_workspace asked_by next_path expires_at confirmed_at "
        "declined_at created_at"
    ),
    "accounts.ConnectRequest": (
        "id state_hash session_hash user workspace purpose account verifier_sealed next_path "
        "expires_at consumed_at created_at"
    ),
    "accounts.Delivery": "id notification person read_at mail_due_at in_digest mail mail_in_doubt",
    "accounts.Host": "id name silences silent_since next_try_at",
    "accounts.Mail": (
        "id person is_digest group message_id due_at tries lease_token lease_until handed_at "
        "outcome ended_at created_at"
    ),
    "accounts.MailChoice": "id person kind time",
    "accounts.Membership": "id workspace user role created_at",
    "accounts.Notification": (
        "id workspace account kind key about subject happened to_do until action path "
        "picture_path settled_at created_at"
    ),
    "accounts.ReviewerLink": (
        "id user note secret_sha256 made_by created_at expires_at last_used_at uses revoked_at"
    ),
    "accounts.TikTokAccount": (
        "id workspace state avatar_due_at creator_info_at access_check_at connected_by "
        "connected_at created_at"
    ),
    "accounts.TokenPair": "id account version refresh_epoch refresh_until refreshed_at end_warned_days",
    "accounts.User": (
        "id password last_login is_superuser first_name last_name is_staff is_active date_joined "
        "email time_zone digest_hour is_reviewer"
    ),
    "accounts.User_groups": "id user group",
    "accounts.User_user_permissions": "id user permission",
    "accounts.Workspace": "id name late_limit_minutes created_at leaving_at",
    "auth.Group": "id name",
    "auth.Group_permissions": "id group permission",
    "auth.Permission": "id name content_type codename",
    "composer.Arrival": (
        "next_try_at tries handed_out_until lease_token lease_until id workspace user source "
        "state name size_bytes url progress_bytes media error dismissed_at created_at updated_at"
    ),
    "composer.Consent": "id post given_by given_at account choices declaration media media_sha256 voided_at",
    "composer.ConsentPhoto": "id consent media position sha256",
    "composer.Fix": (
        "id next_try_at tries handed_out_until lease_token lease_until media recipe picture user "
        "state progress result error created_at updated_at"
    ),
    "composer.HashtagGroup": "id workspace name hashtags created_at",
    "composer.MediaFile": (
        "id workspace uploaded_by kind state original recipe is_proposal fix is_sample "
        "original_name file poster size_bytes sha256 content_type container video_codec "
        "audio_codec width height frames_per_second duration_ms faults warnings created_at"
    ),
    "composer.Post": (
        "id workspace author kind copied_from account media cover_photo destination title caption "
        "auto_add_music is_aigc cover_timestamp_ms privacy_level allow_comment allow_duet "
        "allow_stitch discloses your_brand branded_content is_planned plan_date plan_time "
        "plan_zone plan_fold creator_asked_at editor editor_seq version locked_at "
        "media_released_at created_at updated_at"
    ),
    "composer.PostPhoto": "id post media position",
    "contenttypes.ContentType": "id app_label model",
    "leaving.Deletion": (
        "next_try_at tries handed_out_until lease_token lease_until id person asked_at stopped_at finished_at "
        "posts files bytes accounts_told accounts_not_told"
    ),
    "leaving.Deletion_workspaces": "id deletion workspace",
    "publishing.AccountCall": "id account endpoint at",
    "publishing.Attempt": (
        "id publication number route payload payload_sha256 media_sha256 media_checksum total_bytes chunk_size "
        "total_chunk_count lease_epoch init_started_at init_finished_at bytes_sent "
        "upload_started_at final_intent_at upload_finished_at gate gate_opened_at "
        "remote_status_at outcome ended_at"
    ),
    "publishing.ClientPause": "paused_at paused_until",
    "publishing.Event": "id publication attempt kind name from_state to_state version person at",
    "publishing.GateDoubt": "id at attempt",
    "publishing.GateOff": "id at reason attempt mail_due_at mail_tries ended_at ended_by place",
    "publishing.PostingCap": "id account learned_at paused_at paused_until ended_by ended_at",
    "publishing.Publication": (
        "id post workspace account consent state due_at time_zone next_try_at tries waiting_for "
        "attempts_before handed_out_until lease_token lease_until lease_epoch version "
        "cancel_asked_at hinted_at delivered_at published_at created_at updated_at"
    ),
    "publishing.PullFile": "id attempt position media token_sha256 name size_bytes content_type",
    "publishing.PullHit": "id file",
    "publishing.Pulse": "name at",
    "publishing.VisibilityChange": "id publication",
    "publishing.WebhookDelivery": "id received_at next_try_at outcome",
    "review.SignatureFile": "id note added_by added_at",
    "sessions.Session": "session_key session_data expire_date",
}
NOT_TIKTOKS = {f"{model}.{name}" for model, names in _BY_MODEL.items() for name in names.split()}

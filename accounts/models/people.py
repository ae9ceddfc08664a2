"""The rows of who: users, workspaces, connected TikTok accounts, their tokens, connections under way."""

from datetime import datetime, timedelta
from typing import ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Now
from django.urls import reverse

from tiktok.types import CreatorInfo

AVATAR_SOURCE_LENGTH = 1000
DEFAULT_LATE_LIMIT_MINUTES = 120
# An account that nobody posts for is refreshed so often, or one day its refresh token has ended unnoticed.
KEEP_ALIVE_AFTER = timedelta(days=7)


class UserManager(BaseUserManager["User"]):
    """Makes users that sign in with their e-mail address."""

    use_in_migrations = True

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make a person; without a password they cannot sign in by password."""
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make an operator of this installation (`manage.py createsuperuser`)."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by e-mail address, whatever its case."""
        return self.get(email__iexact=username)


class User(AbstractUser):
    """A person who signs in with an e-mail address. `is_staff` makes them an operator of the installation."""

    username = None  # type: ignore[assignment]
    email = models.EmailField("e-mail address", unique=True)
    # A name of the tz database; empty until the person chooses one.
    time_zone = models.CharField(max_length=64, blank=True)
    # When the daily digest is mailed, by the clock where the person lives.
    digest_hour = models.PositiveSmallIntegerField(default=8)
    # Comes by a link (accounts/reviewers.py) that several people may share: sees a demo workspace and nothing else.
    is_reviewer = models.BooleanField(default=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_case"),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="user_digest_hour_of_the_day"),
            models.CheckConstraint(
                condition=~Q(is_reviewer=True) | Q(is_staff=False, is_superuser=False),
                name="user_reviewer_is_no_operator",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class WorkspaceQuerySet(models.QuerySet["Workspace"]):
    def of(self, user: User) -> Self:
        """The workspaces this person belongs to, the oldest membership first."""
        return self.filter(memberships__user=user).order_by("memberships__pk")


class Workspace(models.Model):
    """The owner of everything: accounts, media, posts. One is made for each person who signs up."""

    name = models.CharField(max_length=120)
    # How long after its time a scheduled post may still go out; 0 for not at all.
    late_limit_minutes = models.PositiveIntegerField(default=DEFAULT_LATE_LIMIT_MINUTES)
    # Since when it is being deleted with everything in it: only then may a history go (publishing/guarantees.py).
    leaving_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = WorkspaceQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do in a workspace."""

    OWNER = "owner", "Owner"


class Membership(models.Model):
    """One person's place in one workspace."""

    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role, default=Role.OWNER)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "user"], name="membership_once_per_workspace"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.workspace}"


class AccountState(models.TextChoices):
    """Whether we hold working tokens for a TikTok account."""

    CONNECTED = "connected", "Connected"
    NEEDS_RECONNECT = "needs_reconnect", "Needs reconnecting"
    DISCONNECTED = "disconnected", "Disconnected"


class TikTokAccountQuerySet(models.QuerySet["TikTokAccount"]):
    def visible_to(self, user: User) -> Self:
        """The accounts of the workspaces this person belongs to."""
        return self.filter(workspace__memberships__user=user)

    def connected(self) -> Self:
        """Those that can be asked to post, or will once reconnected; disconnected ones are history."""
        return self.exclude(state=AccountState.DISCONNECTED)

    def avatar_due(self, now: datetime) -> Self:
        """Those whose picture waits to be copied, the longest waiting first."""
        return self.filter(avatar_due_at__lte=now).order_by("avatar_due_at", "pk")

    def access_check_due(self, now: datetime) -> "models.QuerySet[TikTokAccount, int]":
        """Keys of those whose permission is in doubt, the longest waiting first."""
        rows = self.filter(access_check_at__lte=now).order_by("access_check_at", "pk")
        return rows.values_list("pk", flat=True)

    def of_our_app(self) -> Self:
        """Those in use, connected under the client key of the settings."""
        return self.filter(state=AccountState.CONNECTED, client_key=settings.TIKTOK_CLIENT_KEY)

    def keep_alive_due(self, now: datetime) -> "models.QuerySet[TikTokAccount, int]":
        """Keys of those that nothing has refreshed for a week although they could be, the longest waiting first."""
        rows = self.of_our_app().filter(tokens__refreshed_at__lte=now - KEEP_ALIVE_AFTER)
        rows = rows.exclude(tokens__refresh_expires_at__lte=now).exclude(tokens__refresh_token_sealed="")
        return rows.order_by("tokens__refreshed_at", "pk").values_list("pk", flat=True)


class TikTokAccount(models.Model):
    """A TikTok account that gave this installation permission.

    `open_id` names the person towards one client key only, so the pair is unique: one row and one chain of
    refresh tokens, whatever the workspace. A disconnected account keeps its row for the history of its posts.
    """

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="accounts")
    client_key = models.CharField(max_length=64)
    open_id = models.CharField(max_length=128)
    state = models.CharField(max_length=20, choices=AccountState, default=AccountState.CONNECTED)
    state_reason = models.CharField(max_length=200, blank=True)
    granted_scopes = models.JSONField(default=list)
    nickname = models.CharField(max_length=200, blank=True)
    username = models.CharField(max_length=100, blank=True)
    avatar = models.FileField(upload_to="avatars/", blank=True, max_length=200)
    # Where TikTok last showed the picture (ends after two hours), and since when it waits to be copied.
    avatar_source = models.CharField(max_length=AVATAR_SOURCE_LENGTH, blank=True)
    avatar_due_at = models.DateTimeField(null=True, blank=True)
    creator_info = models.JSONField(null=True, blank=True)
    creator_info_at = models.DateTimeField(null=True, blank=True)
    # When to ask TikTok whether the permission still stands, because an event said that it does not; and why not.
    access_check_at = models.DateTimeField(null=True, blank=True)
    access_check_reason = models.CharField(max_length=40, blank=True)
    # TikTok's own code when it last said that the creator cannot post now; empty when it can.
    creator_block = models.CharField(max_length=100, blank=True)
    connected_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    connected_at = models.DateTimeField(db_default=Now())
    created_at = models.DateTimeField(db_default=Now())

    objects = TikTokAccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client_key", "open_id"], name="account_once_per_client_key"),
            models.CheckConstraint(condition=Q(state__in=AccountState.values), name="account_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["avatar_due_at"], name="account_avatar_due", condition=Q(avatar_due_at__isnull=False)
            ),
            models.Index(
                fields=["access_check_at"],
                name="account_access_check",
                condition=Q(access_check_at__isnull=False),
            ),
        ]
        ordering = ["nickname", "pk"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The nickname, else the handle, else a neutral word; never the open_id."""
        return self.nickname or (f"@{self.username}" if self.username else "TikTok account")

    @property
    def avatar_url(self) -> str:
        """Where our copy of the picture is served; empty when there is none: show initials then.

        The address changes with the picture, so browsers may keep it.
        """
        name = self.avatar.name
        if not name:
            return ""
        version = name.rpartition("/")[2].partition(".")[0].rpartition("-")[2]
        return f"{reverse('accounts:avatar', args=[self.pk])}?v={version}"

    @property
    def latest_creator_info(self) -> CreatorInfo | None:
        """TikTok's last answer about this creator; for display only, never for permission."""
        return CreatorInfo.from_json(self.creator_info) if self.creator_info else None

    def has_scope(self, scope: str) -> bool:
        """Whether the person granted this scope when connecting."""
        return scope in self.granted_scopes


class TokenPair(models.Model):
    """The sealed tokens of one account and the lock of their refresh (one at a time across processes)."""

    account = models.OneToOneField(TikTokAccount, on_delete=models.CASCADE, related_name="tokens")
    access_token_sealed = models.TextField()
    refresh_token_sealed = models.TextField(blank=True)
    access_expires_at = models.DateTimeField()
    # Null when TikTok did not say: then only its refusal tells that the token has ended.
    refresh_expires_at = models.DateTimeField(null=True, blank=True)
    version = models.BigIntegerField(default=1)
    refresh_epoch = models.BigIntegerField(default=0)
    # Until when somebody is refreshing; null when nobody is. Left behind by a crash or a lost answer, it has
    # run out but stays: nobody knows then whether TikTok has replaced the tokens (accounts/tokens.py).
    refresh_until = models.DateTimeField(null=True, blank=True)
    # When TikTok last gave us this pair.
    refreshed_at = models.DateTimeField(db_default=Now())
    # How many days before `refresh_expires_at` people were last warned of it; null while they were not.
    end_warned_days = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["refreshed_at"], name="token_pair_refreshed"),
            models.Index(fields=["refresh_expires_at"], name="token_pair_end"),
        ]

    def __str__(self) -> str:
        return f"tokens of account {self.account_id}"


class ConnectPurpose(models.TextChoices):
    """Why somebody was sent to TikTok's consent page."""

    CONNECT = "connect", "Connect a new account"
    RECONNECT = "reconnect", "Reconnect a known account"


class ConnectRequest(models.Model):
    """One trip to TikTok's consent page: the state parameter, bound to a session and good for one return.

    Only the SHA-256 of the state is kept. Lives 10 minutes (`expires_at`).
    """

    state_hash = models.CharField(max_length=64, unique=True)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=ConnectPurpose)
    account = models.ForeignKey(
        TikTokAccount, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    verifier_sealed = models.TextField()
    next_path = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField()
    consumed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.purpose} for workspace {self.workspace_id}"


class AccountMoveQuerySet(models.QuerySet["AccountMove"]):
    def open_for(self, user: User, now: datetime) -> Self:
        """The offers this person may still answer."""
        return self.filter(
            asked_by=user,
            to_workspace__memberships__user=user,
            confirmed_at__isnull=True,
            declined_at__isnull=True,
            expires_at__gt=now,
        )


class AccountMove(models.Model):
    """The offer to move an account to the workspace where somebody has just connected it again.

    `grant_sealed` holds the fresh tokens only when the account's own had stopped working (accounts/moving.py
    says why); they are forgotten with the offer.
    """

    account = models.ForeignKey(TikTokAccount, on_delete=models.CASCADE, related_name="moves")
    from_workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    to_workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    asked_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    grant_sealed = models.TextField(blank=True)
    next_path = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    declined_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    objects = AccountMoveQuerySet.as_manager()

    def __str__(self) -> str:
        return f"account {self.account_id} to workspace {self.to_workspace_id}"

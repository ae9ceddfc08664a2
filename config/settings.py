"""The one settings file: every value enters through `config.env`, in the order of Django's reference."""

import secrets
from collections.abc import Callable
from datetime import timedelta
from email.utils import formataddr
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from config.env import BASE_DIR, env, is_loopback
from config.media_store import ObjectStore, find_mistakes, media_storage
from config.production import Installation, find_refusals
from config.secrets import read_or_make_secret

# --- Where this installation stands -------------------------------------------------------------------

VAR_DIR = env.path("VAR_DIR", BASE_DIR / "var")
# The database in it holds sign-ins, the media are private: other people of this machine have no business there.
VAR_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
PORT = env.port("PORT", 8000)
PUBLIC_URL = env.site_url("PUBLIC_URL", f"http://localhost:{PORT}")
IS_PRODUCTION = not is_loopback(PUBLIC_URL)
DEBUG = env.bool("DEBUG", default=False)

# --- Who runs it: TikTok wants one name for app, site and organisation -----------------------------------

PRODUCT_NAME = env.one_line("PRODUCT_NAME", "Greenroom", at_most=50)
# A PNG or JPEG, as large as TikTok's portal takes it: square, 1024 pixels wide.
PRODUCT_LOGO = env.picture_path("PRODUCT_LOGO")
OPERATOR_NAME = env.one_line("OPERATOR_NAME", "", at_most=200)
# Several lines, or one with commas.
OPERATOR_ADDRESS: str = env.str("OPERATOR_ADDRESS", "")
OPERATOR_EMAIL = env.mail_address("OPERATOR_EMAIL", "")
# TikTok takes no app that is not open to everybody.
SIGN_UP_OPEN = env.bool("SIGN_UP_OPEN", default=True)

# --- Secrets ----------------------------------------------------------------------------------------------

_local_secrets = VAR_DIR / "secrets"
_own_secret_key: str = env.str("SECRET_KEY", "")
_own_encryption_keys = env.fernet_keys("TOKEN_ENCRYPTION_KEYS")


def _local_secret(name: str, own: str, make: Callable[[], str]) -> str:
    if own or IS_PRODUCTION:
        return own
    return read_or_make_secret(_local_secrets, name, make)


SECRET_KEY = _local_secret("secret_key", _own_secret_key, lambda: secrets.token_urlsafe(64))
TOKEN_ENCRYPTION_KEYS = _own_encryption_keys or [
    key for key in [_local_secret("token_encryption_key", "", lambda: Fernet.generate_key().decode())] if key
]

# --- TikTok ---------------------------------------------------------------------------------------------

SIMULATOR_PORT = env.port("SIMULATOR_PORT", 8100)
SIMULATOR_URL = f"http://localhost:{SIMULATOR_PORT}"
TIKTOK_CLIENT_KEY: str = env.str("TIKTOK_CLIENT_KEY", "")
TIKTOK_CLIENT_SECRET: str = env.str("TIKTOK_CLIENT_SECRET", "")
if TIKTOK_CLIENT_KEY and not TIKTOK_CLIENT_SECRET:
    raise ImproperlyConfigured("TIKTOK_CLIENT_KEY is set without TIKTOK_CLIENT_SECRET: they belong together.")
# Events signed with it are still taken: set it while a new secret is put in its place.
TIKTOK_CLIENT_SECRET_PREVIOUS: str = env.str("TIKTOK_CLIENT_SECRET_PREVIOUS", "")
# An event signed longer ago is taken for a hint only. TikTok repeats for 72 hours, perhaps under the first date.
TIKTOK_WEBHOOK_TOLERANCE_SECONDS = env.float("TIKTOK_WEBHOOK_TOLERANCE_SECONDS", 75 * 3600.0)
RUNS_OWN_SIMULATOR = not TIKTOK_CLIENT_KEY
TIKTOK_AUTH_URL = env.private_url(
    "TIKTOK_AUTH_URL", SIMULATOR_URL if RUNS_OWN_SIMULATOR else "https://www.tiktok.com"
)
TIKTOK_API_URL = env.private_url(
    "TIKTOK_API_URL", SIMULATOR_URL if RUNS_OWN_SIMULATOR else "https://open.tiktokapis.com"
)
TIKTOK_IS_SIMULATED = RUNS_OWN_SIMULATOR or is_loopback(TIKTOK_API_URL)
# A name that starts with a dot covers every host below it; https only, except on loopback while simulated.
TIKTOK_UPLOAD_HOSTS: list[str] = env.list(
    "TIKTOK_UPLOAD_HOSTS", ["localhost", "127.0.0.1"] if TIKTOK_IS_SIMULATED else [".tiktokapis.com"]
)
# Where the simulator that `make run` starts sends TikTok's events.
SIMULATOR_WEBHOOK_URL: str = env.str("SIMULATOR_WEBHOOK_URL", f"{PUBLIC_URL}/webhooks/tiktok/")
TIKTOK_SCOPES: list[str] = env.list("TIKTOK_SCOPES", ["user.info.basic", "video.publish", "video.upload"])
TIKTOK_CLIENT_AUDITED = env.bool("TIKTOK_CLIENT_AUDITED", default=TIKTOK_IS_SIMULATED)
# The prefix TikTok has verified as ours and fetches media from, with a slash at the end; without one it cannot be
# sent photos. It leads to this server's /pull/, past every cache: a cache could finish a download for us.
MEDIA_PULL_BASE_URL = env.private_url(
    "MEDIA_PULL_BASE_URL", f"{PUBLIC_URL}/pull" if TIKTOK_IS_SIMULATED else ""
)
if MEDIA_PULL_BASE_URL:
    MEDIA_PULL_BASE_URL += "/"
# Whether TikTok fetches videos too, instead of being sent them.
PULL_VIDEOS = env.bool("PULL_VIDEOS", default=False)
if PULL_VIDEOS and not MEDIA_PULL_BASE_URL:
    raise ImproperlyConfigured("PULL_VIDEOS is set without MEDIA_PULL_BASE_URL: TikTok needs an address.")
# last_byte: TikTok gets the last byte of a file only once its answer to our announcement is stored.
PULL_COMMIT_GATE: str = env.str("PULL_COMMIT_GATE", "last_byte")
if PULL_COMMIT_GATE not in {"last_byte", "off"}:
    raise ImproperlyConfigured("PULL_COMMIT_GATE must be last_byte or off.")

if IS_PRODUCTION:
    _refusals = find_refusals(
        Installation(
            public_url=PUBLIC_URL,
            is_debug=DEBUG,
            has_own_secret_key=bool(_own_secret_key),
            secret_key=SECRET_KEY,
            has_own_encryption_keys=bool(_own_encryption_keys),
            tiktok_client_key=TIKTOK_CLIENT_KEY,
            tiktok_client_secret=TIKTOK_CLIENT_SECRET,
            tiktok_auth_url=TIKTOK_AUTH_URL,
            tiktok_api_url=TIKTOK_API_URL,
            media_pull_base_url=MEDIA_PULL_BASE_URL,
        )
    )
    if _refusals:
        raise ImproperlyConfigured("Greenroom refuses to start. " + " ".join(_refusals))
elif RUNS_OWN_SIMULATOR:
    # The simulated app's own credentials; `config.run` hands the same pair to the simulator.
    TIKTOK_CLIENT_KEY = "sim-greenroom-local"
    TIKTOK_CLIENT_SECRET = _local_secret(
        "simulator_client_secret", TIKTOK_CLIENT_SECRET, secrets.token_urlsafe
    )

# --- The publishing engine (seconds; a test may shrink them and says so) ----------------------------------

PUBLISHING_LEASE_SECONDS = env.float("PUBLISHING_LEASE_SECONDS", 15.0)
PUBLISHING_SWEEP_SECONDS = env.float("PUBLISHING_SWEEP_SECONDS", 0.25)
PUBLISHING_UPLOAD_URL_SECONDS = env.float("PUBLISHING_UPLOAD_URL_SECONDS", 3600.0)
# A worker frozen before its last chunk may wake up this long after the upload URL's end, not later.
PUBLISHING_UPLOAD_GRACE_SECONDS = env.float("PUBLISHING_UPLOAD_GRACE_SECONDS", 600.0)
# An `init` whose answer was lost is repeated no sooner than this: TikTok may count it.
PUBLISHING_ORPHAN_GAP_SECONDS = env.float("PUBLISHING_ORPHAN_GAP_SECONDS", 10.0)
# Gaps between tries double up to this.
PUBLISHING_LONGEST_GAP_SECONDS = env.float("PUBLISHING_LONGEST_GAP_SECONDS", 300.0)
# The minute and the day by which TikTok counts calls, drafts and posts.
TIKTOK_RATE_WINDOW_SECONDS = env.float("TIKTOK_RATE_WINDOW_SECONDS", 60.0)
TIKTOK_DAY_SECONDS = env.float("TIKTOK_DAY_SECONDS", 24 * 3600.0)
# How many creators may post through this client in 24 hours, as TikTok's audit said; 0 while nobody has said.
TIKTOK_ACTIVE_CREATORS = env.int("TIKTOK_ACTIVE_CREATORS", 0)
# After TikTok took no more posts: how long an account rests where no post of ours says when there is room again,
# and how long at least.
PUBLISHING_PAUSE_SECONDS = env.float("PUBLISHING_PAUSE_SECONDS", 3 * 3600.0)
PUBLISHING_LEAST_PAUSE_SECONDS = env.float("PUBLISHING_LEAST_PAUSE_SECONDS", 1800.0)
PUBLISHING_POLL_SECONDS: list[float] = env.list(
    "PUBLISHING_POLL_SECONDS", [2, 3, 5, 10, 20, 30, 60, 120, 300], subcast=float
)

# A video above this goes the way of large ones, in threads of their own.
PUBLISHING_LARGE_BYTES = env.int("PUBLISHING_LARGE_BYTES", 32 * 1024**2)
# How many short steps one worker takes side by side, and how many large videos it sends.
WORKER_STEP_THREADS = env.int("WORKER_STEP_THREADS", 8)
WORKER_UPLOAD_THREADS = env.int("WORKER_UPLOAD_THREADS", 16)
if min(WORKER_STEP_THREADS, WORKER_UPLOAD_THREADS) < 1:
    raise ImproperlyConfigured("WORKER_STEP_THREADS and WORKER_UPLOAD_THREADS must be at least 1.")
# Posts of one account that are planned closer than this get a warning on the calendar; 0 for none.
CALENDAR_GAP_MINUTES = env.float("CALENDAR_GAP_MINUTES", 15.0)

# A request for the last byte waits so long for the gate, then it is cut.
PULL_WITHHOLD_SECONDS = env.float("PULL_WITHHOLD_SECONDS", 8.0)
# A draft in an inbox is asked about after so long, then ever more rarely.
PUBLISHING_INBOX_POLL_SECONDS = env.float("PUBLISHING_INBOX_POLL_SECONDS", 60.0)

# --- Media ----------------------------------------------------------------------------------------------

MEDIA_MAX_BYTES = env.int("MEDIA_MAX_BYTES", 4 * 1024**3)
MEDIA_CHECK_SECONDS = env.float("MEDIA_CHECK_SECONDS", 20.0)
# How long making one derivative may take, and how many are made at a time: pages and posts go before.
MEDIA_FIX_SECONDS = env.float("MEDIA_FIX_SECONDS", 3600.0)
MEDIA_FIXES_AT_ONCE = env.int("MEDIA_FIXES_AT_ONCE", 2)
# Unset, media lie on this machine's disk. Files arrive and are checked there in any case.
_object_store = ObjectStore(
    bucket=env.str("MEDIA_S3_BUCKET", ""),
    endpoint_url=env.private_url("MEDIA_S3_ENDPOINT_URL", ""),
    region=env.str("MEDIA_S3_REGION", ""),
    access_key_id=env.str("MEDIA_S3_ACCESS_KEY_ID", ""),
    secret_access_key=env.str("MEDIA_S3_SECRET_ACCESS_KEY", ""),
    prefix=env.str("MEDIA_S3_PREFIX", ""),
)
if _mistakes := find_mistakes(_object_store):
    raise ImproperlyConfigured(" ".join(_mistakes))
# What all files of one workspace may take together, those on their way in included.
WORKSPACE_MAX_BYTES = env.int("WORKSPACE_MAX_BYTES", 100 * 1024**3)
# How much a browser sends in one request; a proxy in front must let that through.
UPLOAD_PART_BYTES = env.int("UPLOAD_PART_BYTES", 8 * 1024**2)
# The longest that fetching one link may take, whatever its size.
IMPORT_SECONDS = env.float("IMPORT_SECONDS", 2 * 3600.0)
# An upload that does not go on is given up so long after its last byte.
UPLOAD_EXPIRES_SECONDS = env.float("UPLOAD_EXPIRES_SECONDS", 7 * 24 * 3600.0)
# A connection that says nothing for so long is taken for lost, and its thread serves somebody else.
UPLOAD_SILENCE_SECONDS = env.float("UPLOAD_SILENCE_SECONDS", 20.0)

# --- Django core ----------------------------------------------------------------------------------------

# What one web process answers at the same time.
WEB_THREADS = env.int("WEB_THREADS", 16)
if WEB_THREADS < 4:
    raise ImproperlyConfigured("WEB_THREADS must be at least 4.")
# Of these, how many may wait for the gate; more are cut at once, so that people are still answered.
PULL_MAX_WITHHELD = WEB_THREADS // 4
_host = urlsplit(PUBLIC_URL).hostname or "localhost"
_pull_host = urlsplit(MEDIA_PULL_BASE_URL).hostname or _host
ALLOWED_HOSTS: list[str] = env.list(
    "ALLOWED_HOSTS", sorted({_host, _pull_host}) if IS_PRODUCTION else ["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

CACHES = {
    # In the database, so that login limits hold across processes and outlive a lost Redis.
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "greenroom_cache"}
}

DATABASES = {"default": env.dj_db_url("DATABASE_URL", f"sqlite:///{VAR_DIR / 'greenroom.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Opening one costs more than most queries; and whoever closes SQLite's last one writes its whole log back.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: what is committed before a call to TikTok must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Whoever freezes inside a transaction keeps rows locked: the connection is cut, and nobody waits for a lock much
    # longer than that. Statements have no limit: a migration may make an index for as long as it takes.
    _frozen_ms = round(env.float("DATABASE_FROZEN_SECONDS", 10.0) * 1000)
    _options = DATABASES["default"].setdefault("OPTIONS", {})
    # A server that is gone without a word is noticed within seconds; connections are kept, and would wait for it.
    for _name, _value in {
        "connect_timeout": 10,  # seconds
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 10_000,  # milliseconds
    }.items():
        _options.setdefault(_name, _value)
    _options["options"] = (
        f"-c idle_in_transaction_session_timeout={_frozen_ms} -c lock_timeout={_frozen_ms + 5000} "
        + _options.get("options", "")
    ).strip()

# --- Mail: without EMAIL_URL a local run keeps its mail under var/mail and shows it on a page ---------------

HAS_MAIL_SERVER = bool(env.str("EMAIL_URL", ""))
EMAIL_FILE_PATH = str(VAR_DIR / "mail")
if HAS_MAIL_SERVER:
    _email = env.dj_email_url("EMAIL_URL")
    if "EMAIL_BACKEND" not in _email:
        raise ImproperlyConfigured(
            "EMAIL_URL must begin with submission:// (STARTTLS) or smtp:// (with ?ssl=True for TLS)."
        )
    EMAIL_BACKEND = _email["EMAIL_BACKEND"]
    EMAIL_HOST = _email.get("EMAIL_HOST", "")
    EMAIL_PORT = _email.get("EMAIL_PORT", 25)
    EMAIL_HOST_USER = _email.get("EMAIL_HOST_USER", "")
    EMAIL_HOST_PASSWORD = _email.get("EMAIL_HOST_PASSWORD", "")
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_TIMEOUT = 10
# So long more of the same is waited for before it is mailed: ten posts held for one reason are one mail.
NOTIFICATIONS_GATHER_SECONDS = env.float("NOTIFICATIONS_GATHER_SECONDS", 60.0)
DEFAULT_FROM_EMAIL: str = env.str("DEFAULT_FROM_EMAIL", formataddr((PRODUCT_NAME, f"noreply@{_host}")))
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_SUBJECT_PREFIX = ""

# --- Language and time ------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# --- Request handling -------------------------------------------------------------------------------------

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "review",
    "leaving",
    "publishing",
    "composer",
    "accounts",
    "django_htmx",
    "allauth",
    "allauth.account",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.installation",
                "accounts.notifications.context.unread",
                "publishing.silence.sending_silence",
                "review.audit.context.audit_panel",
            ],
        },
    }
]
DATA_UPLOAD_MAX_MEMORY_SIZE = (
    1024 * 1024
)  # forms; media goes through composer.receiving, never through memory
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
_incoming = VAR_DIR / "incoming"
_incoming.mkdir(mode=0o700, parents=True, exist_ok=True)  # Django's checks want it there
FILE_UPLOAD_TEMP_DIR = str(_incoming)
# Files are taken in by the one view that expects them; elsewhere a stranger's upload must not reach the disk.
FILE_UPLOAD_HANDLERS = ["composer.upload_handler.NoUploadHandler"]

MEDIA_ROOT = VAR_DIR / "media"
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": media_storage(_object_store),
    "staticfiles": {"BACKEND": "config.stylesheets.OneSheetStorage"},
}

# --- People -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.passwords.UnlikeAddressValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "publishing:post-list"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if HAS_MAIL_SERVER else "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "review:landing"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(PUBLIC_URL).scheme
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "reviewer_enter": "20/m/ip", "export": "6/h/user"}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", 1 if IS_PRODUCTION else 0)

# --- Security ---------------------------------------------------------------------------------------------

SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())
SESSION_COOKIE_SAMESITE = "Lax"  # Strict would lose the session on the way back from TikTok
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if IS_PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = int(timedelta(days=365).total_seconds())
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_INCLUDE_SUBDOMAINS", default=True)
    SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=True)
    # TLS ends at the proxy in front: gunicorn never speaks it.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
else:
    SESSION_COOKIE_NAME = f"greenroom_session_{PORT}"  # localhost shares cookies between ports
    CSRF_COOKIE_NAME = f"greenroom_csrf_{PORT}"

_auth_origin = "{0.scheme}://{0.netloc}".format(urlsplit(TIKTOK_AUTH_URL))
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:"],
        "media-src": ["'self'", "blob:"],
        "font-src": ["'self'"],
        "manifest-src": ["'self'"],
        "connect-src": ["'self'"],
        # The connect form answers with a redirect to TikTok; browsers hold redirects to this list too.
        "form-action": ["'self'", _auth_origin],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- Celery (all of it is in config.celery but the broker's address) -----------------------------------------

REDIS_URL = env.redis_url("REDIS_URL")
BROKER_DIR = VAR_DIR / "broker"

# --- Logging ----------------------------------------------------------------------------------------------

LOG_LEVEL: str = env.str("LOG_LEVEL", "INFO").upper()
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"broker_away": {"()": "config.logs.BrokerAwayFilter"}},
    "formatters": {"line": {"format": "%(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # httpx logs whole request URLs; an upload URL carries its token in the query.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        # The sweep runs four times a second; celery would log each run twice.
        "celery.worker.strategy": {"level": "WARNING"},
        "celery.app.trace": {"level": "WARNING"},
        "celery.worker.consumer.consumer": {"filters": ["broker_away"]},
        "celery.beat": {"level": "WARNING", "filters": ["broker_away"]},
        "kombu.connection": {
            "level": "ERROR"
        },  # the broker in a folder has no host name, and says so each time
        "django.server": {"handlers": ["console"], "propagate": False},
    },
}

"""Settings: one file, read from the environment, safe by default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from csplatform.logs import logging_config

django_stubs_ext.monkeypatch()  # lets generic views and admins name their model: DetailView[Account]

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env", overwrite=False)

PRODUCT_NAME = "Keel"
VERSION = "1.0.0"
"""What `GET /` answers; the success-insights contract fixes its form."""

DEVELOPMENT = env.bool("DEBUG", default=False)
"""The environment's DEBUG: plain HTTP, local hosts, files served as they change."""
DEBUG = False
"""Django's own debug mode stays off: its pages answer API clients in HTML and show settings to whoever asks."""
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not DEVELOPMENT:
        raise ImproperlyConfigured("Set SECRET_KEY to a long random text (or DEBUG=true on your own machine).")
    SECRET_KEY = "only-for-development-" + "x" * 40
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEVELOPMENT else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "csplatform",
    "accounts",
    "billing",
    "health",
    "playbooks",
    "insights",
    "csplatform.admin_config.PlatformAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "drf_standardized_errors",
    "rest_framework",
    "simple_history",
]
MIDDLEWARE = [
    "csplatform.middleware.RequestIdMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "csplatform.middleware.KeyAuthenticationMiddleware",
    "csplatform.middleware.SessionAgeMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "csplatform.middleware.OrganizationMiddleware",
    "accounts.middleware.MergedAccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "csplatform.urls"
WSGI_APPLICATION = "csplatform.wsgi.application"
APPEND_SLASH = False

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
                "csplatform.context_processors.shell",
            ],
            "builtins": ["csplatform.templatetags.fmt", "csplatform.templatetags.shell"],
        },
    }
]

# -- database ---------------------------------------------------------------------------------------

VAR_DIR = BASE_DIR / "var"
VAR_DIR.mkdir(exist_ok=True)
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")
}
DATABASE_ROLE = env.str("DATABASE_ROLE", default="csplatform_app")
"""The role that the application works as on PostgreSQL when its login would pass row-level security."""
WEB_THREADS = env.int("WEB_THREADS", default=4)
_database = DATABASES["default"]
USES_POSTGRESQL = "postgresql" in _database["ENGINE"]
if USES_POSTGRESQL:
    _database["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": WEB_THREADS + 4, "timeout": 10},
        # PERFORMANCE: a dashboard asks long questions about few rows; compiling one takes 1.5 s, answering it 0.1 s.
        "options": "-c jit=off",
        **_database.get("OPTIONS", {}),
    }
    _database["CONN_HEALTH_CHECKS"] = True
else:
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
            "PRAGMA cache_size=-20000; PRAGMA mmap_size=134217728"
        ),
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- cache and jobs ---------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", default="")
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "csplatform.cache.ForgivingRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        }
    }
else:
    # Per process: API rates are counted per web worker here; the login lock-out lives in the database.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

JOB_POLL_SECONDS = env.float("JOB_POLL_SECONDS", default=5.0 if REDIS_URL else 0.3)
JOB_LEASE_SECONDS = env.int("JOB_LEASE_SECONDS", default=30)
JOB_ATTEMPTS_WITHOUT_PROGRESS = 5
JOB_INLINE_LIMIT = env.int("JOB_INLINE_LIMIT", default=50_000)
"""Rows or accounts up to which long work is done at once, inside the request."""
DELETION_WAITING_DAYS = env.int("DELETION_WAITING_DAYS", default=14)
"""Days between asking for an organisation's deletion and the deletion."""
WEBHOOK_PRIVATE_TARGETS = env.bool("WEBHOOK_PRIVATE_TARGETS", default=False)
"""Webhooks may call plain http and addresses of your own network: for an installation that only you use."""
BULK_INLINE_LIMIT = env.int("BULK_INLINE_LIMIT", default=500)
"""Accounts up to which a bulk action is done at once; each has a history row and a line in the timeline."""

# -- the language model ------------------------------------------------------------------------------

OPENAI_API_KEY = env.str("OPENAI_API_KEY", default="")
"""Without it nothing is ever sent, and insights are written by rules."""
OPENAI_BASE_URL = env.str("OPENAI_BASE_URL", default="")
"""Of whoever speaks OpenAI's protocol; empty is OpenAI itself."""
OPENAI_MODEL = env.str("OPENAI_MODEL", default="gpt-4o-mini")
OPENAI_TIMEOUT_SECONDS = env.float("OPENAI_TIMEOUT_SECONDS", default=10.0)

# -- people -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "csplatform.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard"
LOGOUT_REDIRECT_URL = "/auth/login/"
ACCOUNT_ADAPTER = "csplatform.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_FORMS = {"add_email": "csplatform.forms.email.NewAddressForm"}
ACCOUNT_REAUTHENTICATION_REQUIRED = True
"""Address and second factor change after the password only: an open browser is not enough to take a login over."""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{PRODUCT_NAME}: "
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
MFA_TOTP_ISSUER = PRODUCT_NAME
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are given by who invites, and mail may not be set up
AXES_HANDLER = "csplatform.lockout.LockoutHandler"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
"""Hours: a quarter of an hour after the last wrong password."""
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_USERNAME_CALLABLE = "csplatform.lockout.lockout_name"
AXES_RESET_ON_SUCCESS = True
AXES_HTTP_RESPONSE_CODE = 429
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_IPWARE_PROXY_COUNT = ALLAUTH_TRUSTED_PROXY_COUNT or None
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_IDLE_SECONDS = 3 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_COOKIES = env.bool("SECURE_COOKIES", default=not DEVELOPMENT)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEVELOPMENT)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_TLS_PROXY", default=False) else None
SECURE_HSTS_SECONDS = 0 if DEVELOPMENT else env.int("SECURE_HSTS_SECONDS", default=31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEVELOPMENT
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# -- API --------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "csplatform.api.authentication.KeyFromMiddleware",
        "csplatform.api.authentication.SessionWithToken",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["csplatform.api.authorization.MemberMay"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "csplatform.api.parsers.DecimalJSONParser",
        "rest_framework.parsers.MultiPartParser",
    ],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "csplatform.api.negotiation.AlwaysJson",
    "DEFAULT_PAGINATION_CLASS": "csplatform.api.pagination.ListPagination",
    "DEFAULT_SCHEMA_CLASS": "csplatform.api.schema.OrganizationAutoSchema",
    "EXCEPTION_HANDLER": "csplatform.api.errors.exception_handler",
    "COERCE_DECIMAL_TO_STRING": False,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
}
DRF_STANDARDIZED_ERRORS = {"EXCEPTION_FORMATTER_CLASS": "csplatform.api.errors.Formatter"}
API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=6_000)
SPECTACULAR_SETTINGS = {
    "TITLE": f"{PRODUCT_NAME} API",
    "DESCRIPTION": "Customer success data: accounts, health, playbooks, insights. Send an API key as a bearer token.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "",
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "AccountStatusEnum": "accounts.enums.AccountStatus",
        "CollectionNoteKindEnum": "billing.enums.CollectionNoteKind",
        "EngagementOutcomeEnum": "accounts.enums.EngagementOutcome",
        "EngagementTypeEnum": "accounts.enums.EngagementType",
        "FollowUpPriorityEnum": "accounts.enums.FollowUpPriority",
        "GoalStatusEnum": "accounts.enums.GoalStatus",
        "ImportSourceEnum": "csplatform.imports.enums.ImportSource",
        "InvoiceLineKindEnum": "billing.enums.LineKind",
        "JobStatusEnum": "csplatform.enums.JobStatus",
        "LabKindEnum": "health.enums.LabKind",
        "RiskFactorEnum": "playbooks.models.automation.RISKS",
        "AutomationBandEnum": "playbooks.models.automation.BANDS_UNDER",
        "AutomationTriggerEnum": "playbooks.enums.Trigger",
        "AutomationActionEnum": "playbooks.enums.RuleAction",
        "AutomationOutcomeEnum": "playbooks.enums.HitOutcome",
        "PlaybookPriorityEnum": "playbooks.enums.Priority",
        "PlaybookStepKindEnum": "playbooks.enums.StepKind",
        "PlaybookStepRoleEnum": "playbooks.enums.OwnerRole",
        "ReferralStatusEnum": "accounts.enums.ReferralStatus",
        "RenewalStatusEnum": "billing.enums.RenewalStatus",
        "TestimonialStatusEnum": "accounts.enums.TestimonialStatus",
        "TicketPriorityEnum": "accounts.enums.TicketPriority",
        "TicketStatusEnum": "accounts.enums.TicketStatus",
        "ScorecardKindEnum": "health.enums.ScorecardKind",
        "ScorecardStatusEnum": "health.enums.ScorecardStatus",
        "SegmentEnum": "accounts.enums.Segment",
        "InsightSourceEnum": "insights.enums.InsightSource",
    },
}

# -- files, mail, words -----------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [path for path in (BASE_DIR / "static", BASE_DIR / "static_vendor") if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEVELOPMENT
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEVELOPMENT
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(VAR_DIR / "media"))
IMPORT_NEW_ACCOUNTS_ASKED = env.int("IMPORT_NEW_ACCOUNTS_ASKED", default=50)
"""An import that would make more accounts than this, beside known ones, asks first."""
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=256 * 1024 * 1024)
MAX_ATTACHMENT_BYTES = env.int("MAX_ATTACHMENT_BYTES", default=25 * 1024 * 1024)
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMAIL_IS_CONFIGURED = bool(env.str("EMAIL_URL", default=""))
"""Without mail, links that would be mailed are shown to the administrator instead."""
if EMAIL_IS_CONFIGURED:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}")
"""Where people reach the installation: links in mails begin with it."""
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{PRODUCT_NAME} <no-reply@localhost>")

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"
LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
SIMPLE_HISTORY_REVERT_DISABLED = True

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, release=VERSION)

# Our own middleware has checked the caller's id, or made one.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
LOGGING = logging_config(debug=DEVELOPMENT)
SILENCED_SYSTEM_CHECKS: list[str] = []
CSRF_FAILURE_VIEW = "csplatform.views.errors.csrf_failure"

"""Settings: the defaults run on a laptop, ``LABDATA_*`` variables change them."""

import secrets
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent

# Where things live
LABDATA_DATA_DIR = Path(
    env.str("LABDATA_DATA_DIR", str(BASE_DIR / "var" / "lab"))
).absolute()
LABDATA_DATA_DIR.mkdir(parents=True, exist_ok=True)
LABDATA_STORE_URL = env.str("LABDATA_STORE_URL", (LABDATA_DATA_DIR / "store").as_uri())
LABDATA_BROKER_URL = env.str("LABDATA_BROKER_URL", "local://")
LABDATA_PORT = env.int("LABDATA_PORT", 8000)
LABDATA_SITE_NAME = env.str("LABDATA_SITE_NAME", "labdata")
# What phones and mail programs can reach: it stands in QR codes and messages.
LABDATA_PUBLIC_URL = env.str("LABDATA_PUBLIC_URL", "").rstrip("/")

# Database
_database_url = env.str("LABDATA_DATABASE_URL", "")
if _database_url:
    DATABASES = {"default": env.db_url_config(_database_url)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(LABDATA_DATA_DIR / "labdata.sqlite3"),
        }
    }
EMBEDDED = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if EMBEDDED:
    # Writers queue instead of failing: without IMMEDIATE half of the contended
    # transactions end in "database is locked".
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # WAL is only tested on a file; Django's default would be shared memory.
    DATABASES["default"]["TEST"] = {
        "NAME": str(LABDATA_DATA_DIR / "test-labdata.sqlite3")
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Security
DEBUG = env.bool("LABDATA_DEBUG", False)


def _secret_key() -> str:
    given = env.str("LABDATA_SECRET_KEY", "")
    if given:
        return given
    if not EMBEDDED:
        raise ImproperlyConfigured("Set LABDATA_SECRET_KEY for a production database.")
    kept = LABDATA_DATA_DIR / "secret_key"
    if not kept.exists():
        kept.touch(mode=0o600)
        kept.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return kept.read_text(encoding="utf-8")


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list(
    "LABDATA_ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"]
)
CSRF_TRUSTED_ORIGINS = env.list("LABDATA_TRUSTED_ORIGINS", default=[])
_https = env.bool("LABDATA_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
if _https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = timedelta(minutes=10)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "labdata.site.kit.errors.locked_out"
CSRF_FAILURE_VIEW = "labdata.site.kit.errors.forbidden_form"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "site:login"
LOGIN_REDIRECT_URL = "site:home"
LOGOUT_REDIRECT_URL = "site:login"
SILENCED_SYSTEM_CHECKS = ["axes.W003"]

# Applications
INSTALLED_APPS = [
    "labdata.common.apps.CommonConfig",
    "samples.apps.SamplesConfig",
    "measurements.apps.MeasurementsConfig",
    "analysis.apps.AnalysisConfig",
    "labdata.site.apps.SiteConfig",
    "labdata.running.apps.RunningConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "rest_framework",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "knox",
    "simple_history",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "labdata.site.kit.compression.CompressText",
    "labdata.site.kit.compression.CompressedStatic",
    "csp.middleware.CSPMiddleware",
    "labdata.common.work.uploads.UploadLimitMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "labdata.site.kit.errors.WholeTextOnly",
    "labdata.site.kit.errors.ActsOnly",
    "labdata.common.record.history.ChangeSetMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "labdata.urls"
WSGI_APPLICATION = "labdata.wsgi.application"
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
                "labdata.site.kit.context.unread_notices",
            ],
            "libraries": {
                name: f"labdata.site.kit.tags.{name}"
                for name in (
                    "figures",
                    "filters",
                    "navigation",
                    "origins",
                    "quantities",
                    "runs",
                    "saved_views",
                    "series",
                    "sparklines",
                    "stability",
                    "values",
                )
            },
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Language and time
LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = env.str("LABDATA_TIME_ZONE", "UTC")

# Static files, all local
STATIC_URL = "/static/"
STATIC_ROOT = LABDATA_DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# The pictures of the documents are served with them.
STATICFILES_DIRS = [BASE_DIR / "static", ("help", BASE_DIR / "docs" / "images")]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

# Mail, where the lab has a server for it: smtp+tls://user:password@host:587
_email_url = env.str("LABDATA_EMAIL_URL", "")
LABDATA_SENDS_EMAIL = bool(_email_url)
if LABDATA_SENDS_EMAIL:
    vars().update(env.email_url_config(_email_url))
    EMAIL_TIMEOUT = 10
    DEFAULT_FROM_EMAIL = env.str("LABDATA_EMAIL_FROM")

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "labdata.common.api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["labdata.common.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "labdata.common.api.parsers.JSONParser",
        "labdata.common.api.parsers.FormParser",
        "labdata.common.api.parsers.MultiPartParser",
    ],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "labdata.common.api.pagination.Pages",
    "DEFAULT_SCHEMA_CLASS": "labdata.common.api.schema.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": [
        "labdata.common.api.throttling.ReadThrottle",
        "labdata.common.api.throttling.WriteThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {
        "read": env.str("LABDATA_READ_RATE", "6000/min"),
        "write": env.str("LABDATA_WRITE_RATE", "1200/min"),
    },
    "EXCEPTION_HANDLER": "labdata.common.api.errors.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
KNOX_TOKEN_MODEL = "knox.AuthToken"
REST_KNOX = {
    "TOKEN_TTL": timedelta(days=env.int("LABDATA_TOKEN_DAYS", 365)),
    "AUTO_REFRESH": False,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "labdata",
    "DESCRIPTION": "What was made, what was measured, what it means. "
    "Sign in with a session, or send `Authorization: Token …`. A token may be for "
    "reading only (it answers 403 to anything else) and may be limited to projects "
    "(what belongs to others answers 404, as if it were not there).",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SORT_OPERATIONS": False,
    "ENUM_NAME_OVERRIDES": {
        "VariableKindEnum": ["number", "text"],
        "SampleKindEnum": "samples.models.Sample.Kind",
        "ProcessKindEnum": "samples.models.Process.Kind",
        "VerdictEnum": "analysis.models.Decision.Verdict",
        "ConformityEnum": "analysis.stability.board.VERDICTS",
    },
}

# Uploads
LABDATA_MAX_UPLOAD = env.int("LABDATA_MAX_UPLOAD", 1024**3)
FILE_UPLOAD_HANDLERS = ["labdata.common.work.uploads.CountingUploadHandler"]
FILE_UPLOAD_TEMP_DIR = str(LABDATA_DATA_DIR / "uploads")
Path(FILE_UPLOAD_TEMP_DIR).mkdir(exist_ok=True)
DATA_UPLOAD_MAX_MEMORY_SIZE = 20 * 1024**2

# Work
LABDATA_WORKER_CONCURRENCY = env.int("LABDATA_WORKER_CONCURRENCY", 2)
LABDATA_JOB_LEASE_SECONDS = env.int("LABDATA_JOB_LEASE_SECONDS", 60)
# How long a queued job may wait before it is sent once more; doubles at each time.
LABDATA_JOB_GRACE_SECONDS = env.int("LABDATA_JOB_GRACE_SECONDS", 15)
LABDATA_REAP_SECONDS = env.int("LABDATA_REAP_SECONDS", 10)

# Descriptors that facts carry themselves, for composition-property pages that stay
# fast at a million samples; change them with `manage.py rebuild_facts`.
LABDATA_PROMOTED_DESCRIPTORS = env.list("LABDATA_PROMOTED_DESCRIPTORS", default=[])

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.str("LABDATA_LOG_LEVEL", "INFO")},
    "loggers": {"axes": {"level": "WARNING"}, "numexpr": {"level": "WARNING"}},
}

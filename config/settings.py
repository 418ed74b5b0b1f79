"""All settings of Karpusheh: values from the environment, embedded defaults that need no service and no secret."""

from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF

from config.env import InvalidVariable, env_backend, env_bool, env_int, env_list, env_text

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env_text("KARPUSHEH_DATA", str(BASE_DIR / "var"))).resolve()

ENVIRONMENT = env_text("ENVIRONMENT", "development")
if ENVIRONMENT not in {"development", "production"}:
    raise InvalidVariable(f"ENVIRONMENT must be development or production, not {ENVIRONMENT!r}")
PRODUCTION = ENVIRONMENT == "production"
DEBUG = env_bool("DEBUG", False)
# The embedded server keeps its own random key in its data folder (see `serve`); this one is only for tools and tests.
DEVELOPMENT_SECRET_KEY = "development-only-no-secret-karpusheh-0123456789abcdefghijklmnop"  # noqa: S105
SECRET_KEY = env_text("SECRET_KEY", DEVELOPMENT_SECRET_KEY)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS")
PUBLIC_URL = env_text("PUBLIC_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "daphne",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
    "django_otp",
    "template_partials",
    "config",
    "signing",
    "signing.evidence",
    "correspondence.directory",
    "correspondence",
    "inbox",
    "search",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "config.assets.AssetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.DomainErrorMiddleware",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.shell",
            ],
            "builtins": ["config.templatetags.karpusheh"],
        },
    }
]

# SQLite in WAL with synchronous=FULL: an answered request survives a power cut (NORMAL does not promise that).
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "config.sqlite",
        "NAME": DATA_DIR / "karpusheh.sqlite3",
        # Opening anew means to read the whole schema anew.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
            "PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;",
        },
        "TEST": {"NAME": env_text("TEST_DATABASE", ":memory:")},
    }
}
if env_text("DATABASE_HOST"):
    DATABASES["default"] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": env_text("DATABASE_HOST"),
        "PORT": env_int("DATABASE_PORT", 5432),
        "NAME": env_text("DATABASE_NAME", "karpusheh"),
        "USER": env_text("DATABASE_USER", "karpusheh"),
        "PASSWORD": env_text("DATABASE_PASSWORD"),
        "OPTIONS": {"pool": True},
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = ["correspondence.directory.authentication.OneTimeCodeBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = []
LOGIN_URL = "sign_in"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_NAME = "__Host-session" if PRODUCTION else "karpusheh_session"
CSRF_COOKIE_NAME = "__Host-csrf" if PRODUCTION else "karpusheh_csrf"
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

LANGUAGE_CODE = "fa"
LANGUAGES = [("fa", "فارسی"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "karpusheh_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tehran"

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.npm.NpmFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": DATA_DIR / "files"}},
    "documents": env_backend("DOCUMENTS", "correspondence.blobs.FolderBlobs", location=DATA_DIR / "documents"),
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_AUTOREFRESH = not PRODUCTION
# One form: the bound is for whole requests; a single file's bound is in correspondence.uploads.
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

REDIS_URL = env_text("REDIS_URL")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
CACHES: dict[str, dict[str, Any]] = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL]},
    }
    CACHES["default"] = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

EVIDENCE_LOG_ORIGIN = env_text("EVIDENCE_LOG_ORIGIN", "karpusheh.example/log")
SIGNING = {
    "seal": env_backend("SIGNING_SEAL", "signing.backends.local.LocalSigning", folder=DATA_DIR / "pki"),
    "personal": env_backend("SIGNING_PERSONAL", "signing.backends.local.LocalSigning", folder=DATA_DIR / "pki"),
    "log": env_backend(
        "SIGNING_LOG",
        "signing.backends.local.LocalSigning",
        folder=DATA_DIR / "pki",
        log_origin=EVIDENCE_LOG_ORIGIN,
    ),
    "timestamp": env_backend("SIGNING_TIMESTAMP", "signing.backends.local.LocalTimestamps", folder=DATA_DIR / "pki"),
}
SEARCH = {"default": env_backend("SEARCH", "search.backends.database.DatabaseSearch")}
SMS = {"default": env_backend("SMS", "correspondence.directory.sms.ConsoleSms")}
PERSON_REGISTER = {"default": env_backend("PERSON_REGISTER", "correspondence.directory.registers.LocalRegister")}

MAX_ATTACHMENT_BYTES = env_int("MAX_ATTACHMENT_MB", 50) * 1024 * 1024
MAX_ATTACHMENTS = 60

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    # Answered with 400; scanners of the internet need no line in our log, let alone a traceback.
    "loggers": {"django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False}},
    "root": {"handlers": ["console"], "level": env_text("LOG_LEVEL", "WARNING")},
}

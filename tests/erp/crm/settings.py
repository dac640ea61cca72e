"""Settings of the reference ERP: everything that differs between servers comes from the environment."""

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, default)


def env_flag(name: str, default: str = "False") -> bool:
    return env(name, default).strip().lower() in {"1", "true", "yes", "on"}


def env_list(name: str) -> list[str]:
    return [item.strip() for item in env(name).split(",") if item.strip()]


# The real ERP takes 5 to 7 s to load. Tests that care about it ask for the same here.
time.sleep(float(env("ERP_IMPORT_SECONDS", "0")))

BASE_DIR = Path(__file__).resolve().parent.parent

SECRET_KEY = env("SECRET_KEY")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is not set. Set it in the environment.")

DEBUG = env_flag("DEBUG")
SITE_URL = env("SITE_URL", "http://localhost:8000")
ALLOWED_HOSTS = ["localhost", "127.0.0.1", *env_list("EXTRA_ALLOWED_HOSTS")]
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "crm",
    "customers",
    "orders",
    "inventory",
    "cutting",
    "installations",
    "public",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"
LOGIN_REDIRECT_URL = "stats"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database: pgBouncer in transaction mode, so nothing may outlive a transaction ---

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": env("DB_NAME", "crm_system"),
        "USER": env("DB_USER", "postgres"),
        "PASSWORD": env("DB_PASSWORD"),
        "HOST": env("DB_HOST", "localhost"),
        "PORT": env("DB_PORT", "6432"),
        "CONN_MAX_AGE": 0,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "application_name": "crm",
        },
    },
}
DB_DIRECT_PORT = env("DB_DIRECT_PORT", "5432")  # PostgreSQL itself, for pg_dump
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis: the cache in the database that REDIS_URL names (1), Celery in database 0 ---

REDIS_URL = env("REDIS_URL", "redis://localhost:6379/1")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
    },
}

CELERY_BROKER_URL = urlsplit(REDIS_URL)._replace(path="/0").geturl()
CELERY_RESULT_BACKEND = CELERY_BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# The solo pool runs one task at a time, so a worker holds one message at a time. It acknowledges
# a task that is done: what a killed worker held comes back after the visibility timeout.
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": float(env("ERP_VISIBILITY_TIMEOUT", "3600")),
}
CELERY_TASK_DEFAULT_QUEUE = "celery"
CELERY_TASK_ROUTES = {
    "crm.tasks.record_tick": {"queue": "maintenance"},
    "orders.tasks.export_orders": {"queue": "file_uploads"},
    "inventory.tasks.recalculate_balances": {"queue": "calculations"},
    "cutting.tasks.retry_failed_deductions": {"queue": "calculations"},
    "installations.tasks.archive_completed": {"queue": "status_updates"},
    "public.tasks.sync_products": {"queue": "status_updates"},
}
CELERY_BEAT_SCHEDULE = {
    "record-tick": {
        "task": "crm.tasks.record_tick",
        "schedule": float(env("ERP_TICK_SECONDS", "10")),
    },
    "archive-completed-installations": {
        "task": "installations.tasks.archive_completed",
        "schedule": 3600.0,
    },
}

# --- Language, files, e-mail ---

LANGUAGE_CODE = "ar"
TIME_ZONE = "Africa/Cairo"
CELERY_TIMEZONE = TIME_ZONE
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", str(BASE_DIR / "media")))

EMAIL_HOST = env("EMAIL_HOST", "localhost")
EMAIL_PORT = int(env("EMAIL_PORT", "587"))
EMAIL_USE_TLS = env_flag("EMAIL_USE_TLS", "True")
EMAIL_HOST_USER = env("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD")

# --- Cloudflare: the public catalogue. Without a Worker's URL nothing is sent ---

CLOUDFLARE_WORKER_URL = env("CLOUDFLARE_WORKER_URL")
CLOUDFLARE_SYNC_API_KEY = env("CLOUDFLARE_SYNC_API_KEY")

# --- Logs. Files are opened at their first line and followed when logrotate moves them ---

LOGS_DIR = Path(env("LOGS_DIR", str(BASE_DIR / "logs")))
LOGS_DIR.mkdir(parents=True, exist_ok=True)


def log_file(name: str, level: str, formatter: str) -> dict[str, object]:
    return {
        "class": "crm.logs.LogFile",
        "filename": LOGS_DIR / name,
        "level": level,
        "formatter": formatter,
        "encoding": "utf-8",
        "delay": True,
    }


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "format": "[{asctime}] {levelname} - {message}",
            "datefmt": "%Y-%m-%d %H:%M:%S",
            "style": "{",
        },
        "named": {
            "format": "[{asctime}] {levelname} {name} - {message}",
            "datefmt": "%Y-%m-%d %H:%M:%S",
            "style": "{",
        },
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "named"},
        "django": log_file("django.log", "INFO", "plain"),
        "errors": log_file("errors.log", "ERROR", "plain"),
        "service_error": log_file("service_error.log", "ERROR", "named"),
        "security": log_file("security.log", "INFO", "named"),
    },
    "root": {
        "handlers": ["stderr", "django", "errors", "service_error"],
        "level": "INFO",
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.security": {
            "handlers": ["security"],
            "level": "INFO",
            "propagate": True,
        },
    },
}

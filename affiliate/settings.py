"""Settings, all from the environment (see `affiliate.env`); the defaults suit a laptop.

Where DATABASE_URL or REDIS_URL is absent, the servers under `.local/` are used:
`manage.py up` and `manage.py demo` start them.
"""

import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from affiliate import backoffice, env
from affiliate.common import embedded
from affiliate.schedule import BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
LOCAL_DIR = embedded.LOCAL_DIR

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
if not SECRET_KEY:
    # One key per installation, made at the first start: links and sessions survive.
    key_file = LOCAL_DIR / "secret_key"
    if not key_file.exists():
        LOCAL_DIR.mkdir(exist_ok=True)
        key_file.touch(mode=0o600)
        key_file.write_text(get_random_secret_key())
    SECRET_KEY = key_file.read_text()

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [])
SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000", schemes=("http", "https"))
IS_HTTPS = SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "affiliate.apps.AffiliateConfig",
    "affiliate.common.apps.CommonConfig",
    "shops.apps.ShopsConfig",
    "creators.apps.CreatorsConfig",
    "payouts.apps.PayoutsConfig",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "pgtrigger",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "affiliate.middleware.AdminPages",
]

ROOT_URLCONF = "affiliate.urls"
WSGI_APPLICATION = "affiliate.wsgi.application"

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
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# ---------------------------------------------------------------- servers

# Migrations run as the owner of the tables, everything else as a role that owns
# nothing and so cannot drop a trigger (safety.md I2).
_OWNS_TABLES = len(sys.argv) > 1 and sys.argv[1] in {"migrate", "dbshell", "pgtrigger"}
_SCHEMES = ("postgresql", "postgres")
# Sweeps and commands wait for a lock as long as it takes (0); affiliate.wsgi does not.
_LOCK_TIMEOUT_MS = env.number("DATABASE_LOCK_TIMEOUT_MS", 0, least=0, most=600_000)
_servers = embedded.addresses(LOCAL_DIR)
_database_url = env.url("DATABASE_URL", _servers.database_url, schemes=_SCHEMES)
_owner_url = env.url("DATABASE_OWNER_URL", _servers.owner_url, schemes=_SCHEMES)


def _database(url: str) -> dict[str, object]:
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(query.pop("port", None) or parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {
            **query,
            "options": f"-c lock_timeout={_LOCK_TIMEOUT_MS}",
            "pool": {
                "min_size": 1,
                "max_size": env.number("DATABASE_POOL", 8, least=1, most=100),
                # A page that cannot be made in 3 s answers 503 (safety.md §3).
                "timeout": 2.5,
            },
        },
    }


DATABASES = {"default": _database(_owner_url if _OWNS_TABLES else _database_url)}

REDIS_URL = env.url(
    "REDIS_URL", _servers.redis_url, schemes=("redis", "rediss", "unix")
)

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"db": 1},
    },
}

# The queue is a wake-up call, never the record: see affiliate.celery.
CELERY_BROKER_URL = embedded.broker_url(REDIS_URL)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_throttle": 1,
    "socket_timeout": 15,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE
CELERY_TIMEZONE = "Europe/Paris"

# ---------------------------------------------------------------- people

AUTH_USER_MODEL = "common.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_SESSION_REMEMBER = True
# Approving money and making keys ask for the password again after so long.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_ADAPTER = "affiliate.accounts.AccountAdapter"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
X_FRAME_OPTIONS = "DENY"

_POLICY = {
    "default-src": [SELF],
    "img-src": [SELF, "data:"],
    "object-src": [NONE],
    "base-uri": [SELF],
    "frame-ancestors": [NONE],
    "form-action": [SELF],
}
CONTENT_SECURITY_POLICY = {"EXCLUDE_URL_PREFIXES": ["/admin/"], "DIRECTIVES": _POLICY}
# Unfold's Alpine evaluates expressions; the admin alone may (affiliate.urls).
ADMIN_CONTENT_SECURITY_POLICY = {
    **_POLICY,
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
}

# How many proxies of ours stand before us and may be believed about the client.
TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0, least=0, most=10)
# A batch of 10,000 orders fits.
DATA_UPLOAD_MAX_MEMORY_SIZE = 9_000_000

# ---------------------------------------------------------------- words

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "affiliate" / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "affiliate" / "static"]
WHITENOISE_USE_FINDERS = True

# Without a mail server, mails are files in `.local/mail`, not lines of a log.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_BACKEND = env.text(
    "EMAIL_BACKEND",
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend",
)
EMAIL_FILE_PATH = LOCAL_DIR / "mail"
EMAIL_PORT = env.number("EMAIL_PORT", 587, least=1, most=65_535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
# The worker mails within a transaction: a server that hangs must not hold it.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "no-reply@localhost")

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---------------------------------------------------------------- the product

CLICK_SPOOL_DIR = Path(env.text("CLICK_SPOOL_DIR", str(LOCAL_DIR / "clicks")))
BANK_FILE_DIR = Path(env.text("BANK_FILE_DIR", str(LOCAL_DIR / "bank")))
PLATFORM_NAME = env.text("PLATFORM_NAME", "Place des créateurs")
PLATFORM_IBAN = env.iban("PLATFORM_IBAN", "FR7630006000011234567890189")
PLATFORM_BIC = env.text("PLATFORM_BIC", "AGRIFRPP")
PAYOUT_THRESHOLD_CENTS = env.number("PAYOUT_THRESHOLD_CENTS", 1000, least=1, most=10**8)
FOUR_EYES_ABOVE_CENTS = env.number(
    "FOUR_EYES_ABOVE_CENTS", 1_000_000, least=0, most=10**12
)

UNFOLD = backoffice.unfold(PLATFORM_NAME)

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["affiliate.common.api.parsing.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "affiliate.common.api.document.Schema",
    "EXCEPTION_HANDLER": "affiliate.common.api.problem_response",
    "UNAUTHENTICATED_USER": None,
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Creator marketplace",
    "VERSION": "1",
    "DESCRIPTION": (
        "Orders in, commissions out. Sign with `Authorization: Bearer <key>`. Instants"
        " are RFC 3339 with offset; money is an integer of minor units beside"
        " `currency`; rates are basis points. Errors are RFC 9457 problems with a"
        " stable `code`, and `errors` by place."
    ),
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {
        "CommissionKind": "payouts.models.CommissionKind",
        "CommissionState": "payouts.models.CommissionStatus",
        "TouchKind": "payouts.api.shapes.TOUCH_KINDS",
        "TouchOutcome": "payouts.api.shapes.OUTCOMES",
        "VerdictState": "payouts.api.shapes.VERDICTS",
        "EnrollmentStatus": "creators.models.EnrollmentStatus",
        "ProgramStatus": "shops.models.ProgramStatus",
        "OrderStatus": "shops.models.OrderStatus",
        "EventKind": "payouts.api.shapes.EVENTS",
        "OrderOutcome": "shops.api.shapes.OUTCOMES",
        "ProductOutcome": "shops.api.shapes.WRITTEN",
    },
}

# The e-mail is unique without regard to case, by a constraint this check cannot see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]

"""All settings. The environment is read here and nowhere else.

Without any variable the site runs for development on this machine. DCMM_PRODUCTION=1 turns on everything that a served
site needs and refuses to start without SECRET_KEY and ALLOWED_HOSTS. See docs/deployment.md.
"""

import os
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from dcmm_site import environment

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DCMM_DATA_DIR", BASE_DIR / "var"))
DATA_DIR.mkdir(parents=True, exist_ok=True)

PRODUCTION = environment.flag("DCMM_PRODUCTION")
DEBUG = environment.flag("DCMM_DEBUG")
if PRODUCTION:
    SECRET_KEY = environment.required("SECRET_KEY", "production needs a long random key of its own.")
    ALLOWED_HOSTS = environment.required("ALLOWED_HOSTS", "name the hosts that this site serves.").split(",")
else:
    SECRET_KEY = os.environ.get("SECRET_KEY") or environment.local_secret(DATA_DIR / "secret_key")
    ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or ["localhost", "127.0.0.1", "[::1]"]
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")

INSTALLED_APPS = [
    "dcmm_site",  # first, so that its templates win over the account library's
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "bootstrap",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_htmx",
    "csp",
    "organizations",
    "questionnaires",
    "assessments",
    "reports",
]
LOGIN_PROVIDERS = environment.login_providers()
if LOGIN_PROVIDERS:
    INSTALLED_APPS += ["allauth.socialaccount", *(f"allauth.socialaccount.providers.{name}" for name in LOGIN_PROVIDERS)]

MIDDLEWARE = [
    "dcmm_site.middleware.OnlyUtf8Middleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "organizations.trail_middleware.WhereFromMiddleware",
    "organizations.account_middleware.SessionLimitsMiddleware",
    "organizations.account_middleware.PreferencesMiddleware",
    "organizations.account_middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dcmm_site.middleware.NoStoreMiddleware",
    "organizations.account_middleware.SecondFactorMiddleware",
    "organizations.account_middleware.PasswordAgeMiddleware",
    "organizations.middleware.TenantMiddleware",
    "organizations.trail_middleware.TrailMiddleware",
]

ROOT_URLCONF = "dcmm_site.urls"
WSGI_APPLICATION = "dcmm_site.wsgi.application"

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
    }
]

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
}
COMMAND = sys.argv[1] if sys.argv[1:] else ""
DATABASES = {"default": dj_database_url.parse(environment.database_url(f"sqlite:///{DATA_DIR / 'db.sqlite3'}", COMMAND))}
DATABASE_APP_ROLE = environment.application_role()  # the role that serves, where another one owns the tables
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = SQLITE_OPTIONS
else:
    DATABASES["default"]["ENGINE"] = "dcmm_site.postgresql"
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 8}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "organizations.User"
WHEN_MEMBER_LEAVES = [  # what else happens in the same transaction
    "assessments.operations.leaving.release_items",
    "organizations.operations.engagement.leave_teams",
]
AUTHENTICATION_BACKENDS = ["organizations.backends.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "organizations.passwords.ProductWordsValidator"},
]
DENGBAO = environment.flag("DCMM_DENGBAO")  # the password rules that 等保 2.0 level 3 asks for
PASSWORDS_REMEMBERED = 5
PASSWORD_MAX_AGE = timedelta(days=90) if DENGBAO else None
if DENGBAO:
    AUTH_PASSWORD_VALIDATORS += [
        {"NAME": "organizations.passwords.ThreeKindsValidator"},
        {"NAME": "organizations.passwords.FormerPasswordsValidator"},
    ]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "organizations.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if PRODUCTION else "none"
ACCOUNT_CHANGE_EMAIL = True  # one address a person; a new one counts once its link was followed
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True  # through every step of signing in, the second factor too
ACCOUNT_SESSION_REMEMBER = False
# Attempts, counted in the shared cache: by address, and by account
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": f"20/m/ip,5/{1800 if DENGBAO else 300}s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if PRODUCTION and environment.flag("DCMM_BEHIND_PROXY") else 0

# The second factor: required of platform staff, consultants and where an organization asks for it
SECOND_FACTOR_ENFORCED = environment.flag("DCMM_SECOND_FACTOR", default=PRODUCTION)
MFA_ADAPTER = "organizations.second_factor.SecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "organizations.code_forms.SignInCodeForm",
    "reauthenticate": "organizations.code_forms.ConfirmCodeForm",
    "activate_totp": "organizations.code_forms.FirstCodeForm",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute wrong
MFA_ALLOW_UNVERIFIED_EMAIL = True  # where addresses are verified, nobody signs in without

# Optional providers, see docs/deployment.md
SOCIALACCOUNT_ADAPTER = "organizations.providers.ProviderAdapter"
SOCIALACCOUNT_PROVIDERS = LOGIN_PROVIDERS

# Sessions
USERSESSIONS_TRACK_ACTIVITY = False
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_AGE = 30 * 60
SESSION_NOTE_EVERY = 3 * 60

# What all processes share, and mail
CACHES = {"default": environment.cache_settings()}
SITE_URL = os.environ.get("DCMM_SITE_URL", "").rstrip("/") or (
    f"https://{ALLOWED_HOSTS[0].lstrip('.')}" if PRODUCTION else "http://127.0.0.1:8000"
)
globals().update(environment.mail_settings())
EMAIL_TIMEOUT = 20
EMAIL_SUBJECT_PREFIX = ""
DEFAULT_FROM_EMAIL = os.environ.get("DCMM_MAIL_FROM", "") or f"DCMM <noreply@{urlsplit(SITE_URL).hostname}>"

# Language and time
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles" if PRODUCTION else None
MEDIA_ROOT = DATA_DIR / "media"
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
S3_BUCKET = os.environ.get("DCMM_S3_BUCKET", "").strip()
STORAGES = {
    "default": environment.bucket(S3_BUCKET) if S3_BUCKET else {"BACKEND": "dcmm_site.storage.DurableFileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "dcmm_site.uploads.BoundedUploadHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
EVIDENCE_MAX_BYTES = 50 * 1024 * 1024  # of one file
EVIDENCE_MAX_FILES = 20  # in one upload
DATA_UPLOAD_MAX_NUMBER_FILES = 40  # beyond it the request is refused unread
DATA_UPLOAD_MAX_MEMORY_SIZE = 8_000_000  # the text of an imported policy travels with its preview

# Forms
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Browser
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *environment.login_origins(LOGIN_PROVIDERS)],
        "frame-ancestors": [NONE],
    }
}
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")
    if environment.flag("DCMM_BEHIND_PROXY"):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# The content (editions, policy library) may be read by everybody, or only by signed-in people
LIBRARY_IS_PUBLIC = environment.flag("DCMM_PUBLIC_LIBRARY")

# The trail: no entry younger than this can be pruned
TRAIL_KEPT = timedelta(days=365.25 * environment.years("DCMM_TRAIL_YEARS", default=3, least_days=180))
TRAIL_NAMES = {  # who names the things that an entry is about
    "assessment": "assessments.queries.naming.assessment_names",
    "evidence": "assessments.queries.naming.evidence_titles",
}

# Reports: limits of the process that sets the PDF
RENDER_SECONDS = 120  # of the processor
RENDER_NICE = environment.niceness("DCMM_RENDER_NICE", default=19)
RENDER_MEGABYTES = 2048
SIGNING_P12 = os.environ.get("DCMM_SIGNING_P12", "")  # a PKCS#12 file: PDFs are signed with it; empty: they are not
SIGNING_PASSWORD = os.environ.get("DCMM_SIGNING_PASSWORD", "")
REPORT_MAX_BYTES = 60 * 1024 * 1024  # of one file
REPORT_KEPT = timedelta(days=environment.days("DCMM_REPORT_DAYS", default=90))  # afterwards its files go; the snapshot stays

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}

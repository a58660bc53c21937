"""Read settings from the environment; a wrong value fails loudly and says what is expected."""

import contextlib
import os
import re
import secrets
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

OWNERS_COMMANDS = ("prepare", "migrate", "createcachetable", "load_content", "prune_trail")


def flag(name: str, default: bool = False) -> bool:
    value = os.environ.get(name, "").strip().lower()
    if value in ("", "1", "true", "yes", "0", "false", "no"):
        return value in ("1", "true", "yes") if value else default
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to 1 or 0.")


def words(name: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


def years(name: str, default: float, least_days: int) -> float:
    value = os.environ.get(name, "").strip() or str(default)
    if re.fullmatch(r"\d{1,3}(\.\d+)?", value) and float(value) * 365.25 >= least_days:
        return float(value)
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to a number of years that makes {least_days} days at least.")


def days(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if re.fullmatch(r"[1-9]\d{0,4}", value):
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to a number of days, 1 or more.")


def niceness(name: str, default: int) -> int:
    value = os.environ.get(name, "").strip() or str(default)
    if re.fullmatch(r"\d|1\d", value):
        return int(value)
    raise ImproperlyConfigured(f"{name} is {value!r}; set it to a number from 0 (like any process) to 19 (behind all others).")


def bucket(name: str) -> dict:
    """The storage setting for an S3-compatible bucket; keys may also come from where boto3 looks for them."""
    options = {
        "bucket_name": name,
        "endpoint_url": os.environ.get("DCMM_S3_ENDPOINT") or None,
        "region_name": os.environ.get("DCMM_S3_REGION") or None,
        "access_key": os.environ.get("DCMM_S3_ACCESS_KEY") or None,
        "secret_key": os.environ.get("DCMM_S3_SECRET_KEY") or None,
        "addressing_style": os.environ.get("DCMM_S3_ADDRESSING") or None,
        "location": os.environ.get("DCMM_S3_PREFIX", ""),
        "default_acl": None,
        "file_overwrite": False,
    }
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def database_url(default: str, command: str) -> str:
    """The database's address: the owner's for the commands that make or fill tables, where there are two roles."""
    owner = os.environ.get("DATABASE_OWNER_URL", "").strip()
    if owner and (command in OWNERS_COMMANDS or flag("DCMM_AS_OWNER")):
        return owner
    return os.environ.get("DATABASE_URL", "").strip() or default


def application_role() -> str:
    """The role that DATABASE_URL names, where another one owns the tables; else empty."""
    if not os.environ.get("DATABASE_OWNER_URL", "").strip():
        return ""
    role = unquote(urlsplit(required("DATABASE_URL", "DATABASE_OWNER_URL needs it.")).username or "")
    if not role:
        raise ImproperlyConfigured("DATABASE_URL names no user: the owner has to grant it its rights.")
    return role


def required(name: str, why: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"{name} is not set: {why}")
    return value


def local_secret(path: Path, strength: int = 48) -> str:
    """A secret of ``strength`` random bytes, made once for this machine, for where none is configured (never in production)."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(strength))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # the first process wins; the others read its secret
        draft.unlink()
    return path.read_text().strip()


def mail_settings(name: str = "EMAIL_URL") -> dict:
    """Django's mail settings from an address: smtp (plain), smtp+tls (STARTTLS) or smtps (TLS); without one, the console."""
    url = urlsplit(os.environ.get(name, "").strip())
    if url.scheme in ("", "console"):
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    ports = {"smtp": 25, "smtp+tls": 587, "smtps": 465}
    if url.scheme not in ports or not url.hostname:
        raise ImproperlyConfigured(f"{name} is not an address like smtp+tls://user:password@mail.example:587.")
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or ports[url.scheme],
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_TLS": url.scheme == "smtp+tls",
        "EMAIL_USE_SSL": url.scheme == "smtps",
    }


def cache_settings(name: str = "CACHE_URL") -> dict:
    """The store that all processes share: Redis, or a table of the database."""
    url = os.environ.get(name, "").strip()
    if not url:
        table = "django.core.cache.backends.db.DatabaseCache"
        return {"BACKEND": table, "LOCATION": "shared_cache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    if urlsplit(url).scheme not in ("redis", "rediss"):
        raise ImproperlyConfigured(f"{name} is not an address like redis://cache.example:6379/0.")
    return {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}


def login_providers() -> dict[str, dict]:
    """Settings of the log-in providers that are configured: DCMM_<PROVIDER>_ID and _SECRET, and DCMM_OIDC_SERVER for OIDC."""
    found = {}
    for provider, name in {"dingtalk": "钉钉 DingTalk", "feishu": "飞书 Feishu", "weixin": "微信 WeChat"}.items():
        if app := _provider_app(f"DCMM_{provider.upper()}"):
            found[provider] = {"APPS": [app | {"name": name}]}
    if app := _provider_app("DCMM_OIDC"):
        server = required("DCMM_OIDC_SERVER", "the issuer's address, e.g. https://login.example/realms/main.")
        name = os.environ.get("DCMM_OIDC_NAME", "").strip() or "SSO"
        app |= {"provider_id": "oidc", "name": name, "settings": {"server_url": server}}
        found["openid_connect"] = {"APPS": [app]}
    return found


def login_origins(providers: dict[str, dict]) -> list[str]:
    """Where the sign-in form may lead to: browsers check its redirects too."""
    origins = {
        "dingtalk": "https://*.dingtalk.com",
        "feishu": "https://*.feishu.cn",
        "weixin": "https://*.weixin.qq.com",
        "openid_connect": _origin(os.environ.get("DCMM_OIDC_SERVER", "")),
    }
    return [origins[name] for name in providers] + words("DCMM_OIDC_ORIGINS")


def _origin(address: str) -> str:
    url = urlsplit(address.strip())
    return f"{url.scheme}://{url.netloc}"


def _provider_app(prefix: str) -> dict | None:
    if not os.environ.get(f"{prefix}_ID", "").strip():
        return None
    return {"client_id": required(f"{prefix}_ID", ""), "secret": required(f"{prefix}_SECRET", f"{prefix}_ID needs it.")}

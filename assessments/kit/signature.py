"""The line in a kit's hidden sheet that says which kit it is, signed by this site."""

import hashlib
import json

from django.core.signing import BadSignature, Signer

MARK = "dcmm-kit:"
SALT = "assessments.kit"


def checksum(baseline: dict) -> str:
    """SHA-256 of what was handed out."""
    canonical = json.dumps(baseline, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sign(facts: dict) -> str:
    return MARK + Signer(salt=SALT).sign_object(facts)


def facts_of(line: str) -> dict | None:
    """What a signed line says, or None when it was not signed by this site or was altered since."""
    try:
        facts = Signer(salt=SALT).unsign_object(line.removeprefix(MARK).strip())
    except (BadSignature, ValueError):
        return None
    return facts if isinstance(facts, dict) else None

"""Making, hashing and sealing secrets that are shown once: API keys, invitation links, what webhooks sign with."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings

API_KEY_PREFIX = "keel_"
SHOWN_CHARACTERS = 10


def new_api_key() -> str:
    """Return a fresh key of 160 random bits, recognisable by its prefix (for secret scanners)."""
    return API_KEY_PREFIX + secrets.token_urlsafe(30)


def new_link_token() -> str:
    return secrets.token_urlsafe(32)


def keyed_hash(secret: str) -> str:
    """Return the hex HMAC-SHA256 of a secret under a pepper made from SECRET_KEY: a stolen table opens nothing."""
    pepper = hashlib.sha256(b"csplatform.keys" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(pepper, secret.encode(), hashlib.sha256).hexdigest()


def sealed(secret: str) -> str:
    """A secret that we have to know again, as it is stored: of no use without SECRET_KEY."""
    return _seal().encrypt(secret.encode()).decode()


def unsealed(text: str) -> str:
    """The secret; empty when it was sealed under another SECRET_KEY."""
    try:
        return _seal().decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


def _seal() -> Fernet:
    return Fernet(
        base64.urlsafe_b64encode(hashlib.sha256(b"csplatform.seal" + settings.SECRET_KEY.encode()).digest())
    )

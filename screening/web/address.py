"""Words in an address that a browser's history may keep, but nobody may read there: a family's name in a search."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from flask import current_app as app


def sealed(words: str) -> str:
    """Words as they may stand in an address of ours."""
    return box().encrypt(words.encode()).decode()


def opened(text: str) -> str:
    """The words again; none for what is not ours."""
    try:
        return box().decrypt(text.encode()).decode()
    except InvalidToken:
        return ""


def box() -> Fernet:
    secret = app.secret_key if isinstance(app.secret_key, bytes) else str(app.secret_key).encode()
    return Fernet(urlsafe_b64encode(hmac.digest(secret, b"words in an address", hashlib.sha256)))

"""Passwords of people: Argon2id, slow on purpose, and the rules for new ones."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from store.errors import PasswordRefused

#: OWASP ASVS 4.0.3, 2.1.1 and 2.1.2: at least 12 characters, long ones allowed, no rule on which.
MIN_CHARACTERS, MAX_CHARACTERS = 12, 128
#: One check takes 64 MiB and a fifth of a second of a core: a process does a few at once, the others wait.
_PLACES = threading.BoundedSemaphore(2)

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def hash_password(password: str) -> str:
    """Return the Argon2id hash of a password, with its parameters and salt (PHC string)."""
    with _PLACES:
        return _HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Return whether a password is the one of the hash; without a hash False, after as long a time."""
    with _PLACES:
        try:
            right = _HASHER.verify(password_hash or _hash_of_nobody(), password)
        except (VerificationError, InvalidHashError):
            return False
    return right and password_hash is not None


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("nobody has this password")


def check_rules(password: str, *, name: str) -> None:
    """Refuse a new password that is easily guessed.

    Raises:
        PasswordRefused: too short, too long, of too few different characters, or with the name in it.
    """
    if len(password) < MIN_CHARACTERS:
        raise PasswordRefused("too_short")
    if len(password) > MAX_CHARACTERS:
        raise PasswordRefused("too_long")
    if len(set(password)) < 5:
        raise PasswordRefused("too_uniform")
    if name.casefold() in password.casefold():
        raise PasswordRefused("holds_the_name")

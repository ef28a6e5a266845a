"""Opaque codes: the only identifiers that annotators ever see."""

import secrets

_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
CODE_LENGTH = 14


def new_code() -> str:
    """14 random characters without look-alikes (69 bits): says nothing of what it stands for or of its order."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))


def new_seed() -> int:
    """A random non-negative 31-bit seed, to be stored so that an order can be made again."""
    return secrets.randbits(31)

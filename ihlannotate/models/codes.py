"""Opaque codes: the only identifiers that annotators ever see."""

import secrets

_ALPHABET = b"23456789abcdefghijkmnpqrstuvwxyz"  # 32 characters, without look-alikes
_LETTER_OF_BYTE = bytes(_ALPHABET[byte % 32] for byte in range(256))
CODE_LENGTH = 14


def new_code() -> str:
    """14 random characters (70 bits): says nothing of what it stands for, or of its order."""
    return secrets.token_bytes(CODE_LENGTH).translate(_LETTER_OF_BYTE).decode()


def new_seed() -> int:
    """A random non-negative 31-bit seed, to be stored so that an order can be made again."""
    return secrets.randbits(31)

"""Everything about secrets in one import: the key ring and the column types that use it."""

from models.columns import EncryptedBytes, EncryptedJson, EncryptedText
from models.keyfile import KeyRingError
from models.keyring import KeyRing, current_keyring, use_keyring, use_keyring_here

__all__ = [
    "EncryptedBytes",
    "EncryptedJson",
    "EncryptedText",
    "KeyRing",
    "KeyRingError",
    "current_keyring",
    "use_keyring",
    "use_keyring_here",
]

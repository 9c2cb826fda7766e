"""
Messages that only their recipients read: an agent's key ring seals and opens them. Needs the package cryptography, which the extra `e2e` brings.
docs/encryption.md of the repository says what that promises, and what not.
"""

from .errors import CannotOpen, CardInvalid, KeyChanged, KeyRingInvalid, SealedError
from .message import SEALED_TYPE
from .ring import AgentCard, KeyRing, Opened

__all__ = ["AgentCard", "CannotOpen", "CardInvalid", "KeyChanged", "KeyRing", "KeyRingInvalid", "Opened", "SEALED_TYPE", "SealedError"]

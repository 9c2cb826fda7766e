"""X25519 (RFC 7748), Ed25519 (RFC 8032), AES-256-GCM and HPKE (RFC 9180) by `cryptography`, which the extra `e2e` brings."""

import base64
import hashlib
import hmac
import os
import re

from .. import ed25519

try:
    from cryptography.exceptions import InvalidSignature, InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    AESGCM = None

_KEM, _SUITE = b"KEM\x00\x20", b"HPKE\x00\x20\x00\x01\x00\x02"


def required():
    """Raises where `cryptography` is missing."""
    if AESGCM is None:
        raise ModuleNotFoundError("Sealed messages need the package cryptography: pip install 'agora-client[e2e]'", name="cryptography")


def text_of(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def bytes_of(text, length=None):
    """None: it is not strictly the one spelling of its bytes."""
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        return None
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    return decoded if text_of(decoded) == text and length in (None, len(decoded)) else None


def thumbprint(curve, key):
    """The name of a key (RFC 7638)."""
    return text_of(hashlib.sha256(f'{{"crv":"{curve}","kty":"OKP","x":"{text_of(key)}"}}'.encode()).digest())


def signing_public(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed, message):
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify(key, message, signature):
    """True where the signature is the key's over the message. Total over any bytes."""
    if len(signature) != 64 or not ed25519.is_key(key):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except InvalidSignature:
        return False


def exchange_public(secret):
    return X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def shared_secret(own, other):
    """None: the other key is none of 32 bytes, or of low order, so that the secret would be zero."""
    if len(other) != 32:
        return None
    try:
        secret = X25519PrivateKey.from_private_bytes(own).exchange(X25519PublicKey.from_public_bytes(other))
    except ValueError:
        return None
    return secret if any(secret) else None


def encrypt(key, nonce, associated, plaintext):
    return AESGCM(key).encrypt(nonce, plaintext, associated)


def decrypt(key, nonce, associated, ciphertext):
    """None: nobody sealed this under this key, nonce and associated text."""
    if len(ciphertext) < 16:
        return None
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, associated)
    except InvalidTag:
        return None


def hkdf(keying, info, length):
    """RFC 5869 by SHA-256, without salt."""
    return _expand(_extract(b"", keying), info, length)


def hpke_seal(public, info, associated, plaintext, ephemeral=None):
    """
    HPKE in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM: the key that is sent along, and the ciphertext. None: the public key is nobody's.
    ephemeral: of vectors alone.
    """
    own = ephemeral or os.urandom(32)
    encapsulated = exchange_public(own)
    shared = _kem_secret(own, public, encapsulated, public)
    return shared and (encapsulated, encrypt(*_schedule(shared, info), associated, plaintext))


def hpke_open(own, encapsulated, info, associated, ciphertext):
    """None: it was not sealed to this key for this purpose, or is not as it was."""
    shared = _kem_secret(own, encapsulated, encapsulated, exchange_public(own))
    return shared and decrypt(*_schedule(shared, info), associated, ciphertext)


def _extract(salt, keying):
    return hmac.digest(salt or bytes(32), keying, "sha256")


def _expand(key, info, length):
    done, block = b"", b""
    while len(done) < length:
        block = hmac.digest(key, block + info + bytes([len(done) // 32 + 1]), "sha256")
        done += block
    return done[:length]


def _labeled_extract(salt, suite, label, keying):
    return _extract(salt, b"HPKE-v1" + suite + label + keying)


def _labeled_expand(key, suite, label, info, length):
    return _expand(key, length.to_bytes(2, "big") + b"HPKE-v1" + suite + label + info, length)


def _kem_secret(own, other, encapsulated, recipient):
    secret = shared_secret(own, other)
    return secret and _labeled_expand(_labeled_extract(b"", _KEM, b"eae_prk", secret), _KEM, b"shared_secret", encapsulated + recipient, 32)


def _schedule(shared, info):
    context = b"\x00" + _labeled_extract(b"", _SUITE, b"psk_id_hash", b"") + _labeled_extract(b"", _SUITE, b"info_hash", info)
    secret = _labeled_extract(shared, _SUITE, b"secret", b"")
    return _labeled_expand(secret, _SUITE, b"key", context, 32), _labeled_expand(secret, _SUITE, b"base_nonce", context, 12)

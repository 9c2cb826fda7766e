"""Receipts, checked offline: a compact JWS (RFC 7515) by EdDSA (RFC 8037), against a key set that was fetched before."""

import base64
import hashlib
import json
import re

from . import ed25519
from .errors import ReceiptInvalid

_RECEIPT, _TEST_RECEIPT = "agora-receipt+jwt", "agora-test-receipt+jwt"


def key_of(jwks, kid):
    """The public key of this name; None: the set has none. A key's name is its thumbprint (RFC 7638), so no set can misname one."""
    for jwk in jwks.get("keys", []):
        if jwk.get("kid") != kid:
            continue
        x = jwk.get("x", "")
        thumbprint = hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest()
        if jwk.get("kty") != "OKP" or jwk.get("crv") != "Ed25519" or _text(thumbprint) != kid:
            raise ReceiptInvalid(f"Key {kid} is not the one of that name.")
        public = _bytes(x, "the key")
        if not ed25519.is_key(public):
            raise ReceiptInvalid(f"Key {kid} is nobody's: anyone could sign for it.")
        return public
    return None


def verify_receipt(token, jwks, issuer=None, test=False):
    """
    What a receipt says, once its signature is found good. Nothing is asked of anybody.

    jwks: what /.well-known/jwks.json answered. issuer: who has to have signed it, as AGORA_ISSUER names it; None: whoever has the key.
    test: it has to be one of play money, which is none of money, as test mode gives them.
    Raises ReceiptInvalid.
    """
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        raise ReceiptInvalid("It is no compact JWS.")
    header = _json(parts[0], "the header")
    if header.get("alg") != "EdDSA" or header.get("typ") != (_TEST_RECEIPT if test else _RECEIPT) or "crit" in header:
        raise ReceiptInvalid("It is no receipt that is signed by EdDSA.")
    public = key_of(jwks, header.get("kid"))
    if public is None:
        raise ReceiptInvalid("It is signed by no key of the set.")
    claims = _json(parts[1], "the payload")
    if not ed25519.verify(public, f"{parts[0]}.{parts[1]}".encode("ascii"), _bytes(parts[2], "the signature")):
        raise ReceiptInvalid("The signature is not good.")
    if issuer is not None and claims.get("iss") != issuer:
        raise ReceiptInvalid(f"It was issued by {claims.get('iss')}.")
    return claims


def _json(text, where):
    try:
        value = json.loads(_bytes(text, where))
    except ValueError as broken:
        raise ReceiptInvalid(f"{where} is no JSON.") from broken
    if not isinstance(value, dict):
        raise ReceiptInvalid(f"{where} is no object.")
    return value


def _bytes(text, where):
    """Strictly the one spelling: no padding, no stray bits."""
    if not isinstance(text, str) or not re.fullmatch("[A-Za-z0-9_-]*", text) or len(text) % 4 == 1:
        raise ReceiptInvalid(f"{where} is not base64url.")
    decoded = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _text(decoded) != text:
        raise ReceiptInvalid(f"{where} is not base64url.")
    return decoded


def _text(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()

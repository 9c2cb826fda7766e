"""
What an agent says of its keys, as compact JWS by its signing key: which key messages are sealed to now, which a card of the registry says too, and which signing key takes the place of this one.
"""

import json
from datetime import datetime

from .primitives import bytes_of, sign, signing_public, text_of, thumbprint, verify

_EPOCH, _CARD, _ROTATION = "agora-epoch-key+jwt", "agora-card", "agora-key-rotation"
_MOST_CHARACTERS, _MOST_CARD_CHARACTERS = 1024, 16 * 1024


def of_epoch(agent, public, made, seed):
    """made: seconds of Unix time, higher with each."""
    return _jws(_EPOCH, {"agent": agent, "key": text_of(public), "made": made}, seed)


def of_rotation(agent, new_key, old_seed, n=1):
    """n: which rotation of the agent it is, from 1 on."""
    return _jws(_ROTATION, {"agent_id": agent, "n": n, "old_key": _jwk("Ed25519", signing_public(old_seed)), "new_key": _jwk("Ed25519", new_key)}, old_seed)


def of_card(said, agent, public, seed):
    """A card of the registry (docs/peers.md): what it says besides agent and keys."""
    keys = {"signing_key": _jwk("Ed25519", signing_public(seed)), "encryption_key": {**_jwk("X25519", public), "kid": thumbprint("X25519", public)}}
    return _jws(_CARD, {**said, "agent_id": agent, **keys}, seed)


def epoch_of(token, agent, signing_key):
    """
    The key of X25519, and when it was made, of the statement, or of a card of the registry, whose key was made when the card was. None: this agent did not say so by this key.
    """
    said = _verified(_EPOCH, token, agent, signing_key)
    if said is None:
        said = _verified(_CARD, token, agent, signing_key) or {}
        public, made = bytes_of(_key(said.get("encryption_key")), 32), _seconds(said.get("created_at"))
    else:
        public, made = bytes_of(said.get("key"), 32), said.get("made")
    return (public, made) if public and type(made) is int and 0 <= made < 2 ** 53 else None


def number_of(rotation):
    """Which rotation it is; 0: it is none. Its signature is not looked at."""
    return (_json(rotation.split(".")[1]) or {}).get("n", 0)


def leads(agent, known, given, rotations):
    """True where rotations, in their order and each by the key before, lead from one signing key to the other."""
    at = known
    for token in rotations:
        at = bytes_of(_key((_verified(_ROTATION, token, agent, at) or {}).get("new_key")), 32) or at
    return at == given


def _jwk(curve, key):
    return {"kty": "OKP", "crv": curve, "x": text_of(key)}


def _key(value):
    return value.get("x") if isinstance(value, dict) else None


def _seconds(text):
    try:
        return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())
    except (AttributeError, ValueError):
        return None


def _jws(kind, payload, seed):
    head = {"alg": "EdDSA", "typ": kind, "kid": thumbprint("Ed25519", signing_public(seed))}
    signed = ".".join(text_of(json.dumps(part, separators=(",", ":")).encode()) for part in (head, payload))
    return f"{signed}.{text_of(sign(seed, signed.encode()))}"


def _verified(kind, token, agent, signing_key):
    parts = token.split(".") if isinstance(token, str) and len(token) <= (_MOST_CARD_CHARACTERS if kind == _CARD else _MOST_CHARACTERS) else []
    if len(parts) != 3:
        return None
    head, said, signature = _json(parts[0]), _json(parts[1]), bytes_of(parts[2])
    if head is None or said is None or signature is None or "crit" in head:
        return None
    if (head.get("alg"), head.get("typ"), head.get("kid"), said.get("agent" if kind == _EPOCH else "agent_id")) != ("EdDSA", kind, thumbprint("Ed25519", signing_key), agent):
        return None
    return said if verify(signing_key, f"{parts[0]}.{parts[1]}".encode(), signature) else None


def _json(part):
    decoded = bytes_of(part)
    try:
        value = json.loads(decoded) if decoded is not None else None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

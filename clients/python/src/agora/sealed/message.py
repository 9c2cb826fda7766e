"""A sealed message: what it is bound to, the bytes of it that are signed and authenticated, and how it travels. docs/encryption.md has the format."""

import hmac
import json
import os
import re
from typing import List, NamedTuple

from .errors import CannotOpen, CardInvalid
from .primitives import bytes_of, decrypt, encrypt, hkdf, hpke_open, hpke_seal, sign, text_of, thumbprint, verify

SEALED_TYPE = "application/vnd.agora.sealed+json"  # The content type of a message whose body is sealed.
MOST_BYTES = 65_536  # Of a sealed message as it travels, in UTF-8.
MOST_RECIPIENTS = 64  # Besides the sender, to whom each message is sealed too.

_LABEL = "agora sealed 1"


class Envelope(NamedTuple):
    conversation: str
    message_id: str
    sender: str


class SealedTo(NamedTuple):
    agent: str
    key: str
    encapsulated: bytes
    ciphertext: bytes


class SealedText(NamedTuple):
    to: List[SealedTo]
    commitment: bytes
    ciphertext: bytes


def is_agent(text):
    return _is(text, "[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")


def is_id(text):
    return _is(text, "[!-~]{1,200}")


def is_content_type(text):
    return _is(text, "[ -~]{1,255}")


def seal(envelope, content, content_type, keys, seed):
    """keys: agent and X25519 key of all recipients, the sender among them, in ascending order of the agents' ids."""
    secret, to = os.urandom(32), []
    for agent, public in keys:
        key = thumbprint("X25519", public)
        sealed = hpke_seal(public, _key_info(envelope, agent, key), b"", secret)
        if not sealed:
            raise CardInvalid(agent, "the key to seal to is nobody's")
        to.append(SealedTo(agent, key, *sealed))
    signature = sign(seed, _signed(envelope, to, content_type, content))
    content_key, commitment, nonce = _derive(envelope, secret)
    ciphertext = encrypt(content_key, nonce, _associated(envelope, to), signature + _sized(content_type.encode()) + content)
    parts = [{"agent": one.agent, "key": one.key, "enc": text_of(one.encapsulated), "ct": text_of(one.ciphertext)} for one in to]
    return json.dumps({"v": 1, "to": parts, "commitment": text_of(commitment), "ciphertext": text_of(ciphertext)}, separators=(",", ":"))


def read(text):
    """None: it is no sealed message of this version. Total over any text."""
    try:
        if not isinstance(text, str) or len(text.encode()) > MOST_BYTES:
            return None
        root = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not _has(root, {"v", "to", "commitment", "ciphertext"}) or type(root["v"]) is not int or root["v"] != 1 or not isinstance(root["to"], list):
        return None
    to, commitment, ciphertext = [_one(part) for part in root["to"]], bytes_of(root["commitment"], 32), bytes_of(root["ciphertext"])
    if not 1 <= len(to) <= MOST_RECIPIENTS + 1 or None in to or commitment is None or ciphertext is None or len(ciphertext) < 16:
        return None
    return SealedText(to, commitment, ciphertext) if all(a.agent < b.agent for a, b in zip(to, to[1:])) else None


def open_text(envelope, text, own, secret_key, signers):
    """Content type and content, once the signature is found to be of one of these keys."""
    opened = _authentic(envelope, text, own, secret_key, signers)
    if opened is None:
        raise CannotOpen("not_authentic")  # One answer for all that is not as it was.
    return opened


def _authentic(envelope, text, own, secret_key, signers):
    secret = hpke_open(secret_key, own.encapsulated, _key_info(envelope, own.agent, own.key), b"", own.ciphertext)
    if secret is None:
        return None
    content_key, commitment, nonce = _derive(envelope, secret)
    if not hmac.compare_digest(commitment, text.commitment):
        return None
    plaintext = decrypt(content_key, nonce, _associated(envelope, text.to), text.ciphertext)
    if plaintext is None or len(plaintext) < 68:
        return None
    end = 68 + int.from_bytes(plaintext[64:68], "big")
    content_type, content = plaintext[68:end].decode("latin-1"), plaintext[end:]
    if end > len(plaintext) or not is_content_type(content_type):
        return None
    signed = _signed(envelope, text.to, content_type, content)
    return (content_type, content) if any(verify(signer, signed, plaintext[:64]) for signer in signers) else None


def _size(number):
    return number.to_bytes(4, "big")


def _sized(value):
    return _size(len(value)) + value


def _frame(*texts):
    """Texts with their lengths before them, so that no two bindings have the same bytes."""
    return b"".join(_sized(text.encode()) for text in texts)


def _key_info(envelope, agent, key):
    return _frame(f"{_LABEL} key", *envelope, agent, key)


def _derive(envelope, secret):
    """The content's key, what commits to the secret, and the nonce: no other secret has the same, so all recipients open the same content or none."""
    derived = hkdf(secret, _frame(f"{_LABEL} content", *envelope), 76)
    return derived[:32], derived[32:64], derived[64:]


def _associated(envelope, to):
    """Each recipient's part is authenticated with the content: a change in one of them is seen by all."""
    parts = (_frame(one.agent, one.key) + _sized(one.encapsulated) + _sized(one.ciphertext) for one in to)
    return _frame(f"{_LABEL} message", *envelope) + _size(len(to)) + b"".join(parts)


def _signed(envelope, to, content_type, content):
    """A recipient cannot pass it on as if it had been meant for others."""
    return _frame(f"{_LABEL} signature", *envelope, content_type) + _sized(content) + _size(len(to)) + b"".join(_frame(one.agent, one.key) for one in to)


def _one(value):
    if not _has(value, {"agent", "key", "enc", "ct"}) or not is_agent(value["agent"]) or bytes_of(value["key"], 32) is None:
        return None
    encapsulated, ciphertext = bytes_of(value["enc"], 32), bytes_of(value["ct"], 48)
    return SealedTo(value["agent"], value["key"], encapsulated, ciphertext) if encapsulated and ciphertext else None


def _has(value, members):
    return isinstance(value, dict) and value.keys() == members


def _is(text, pattern):
    return isinstance(text, str) and re.fullmatch(pattern, text) is not None

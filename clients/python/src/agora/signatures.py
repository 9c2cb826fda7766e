"""Who calls a service: HTTP Message Signatures (RFC 9421) by Ed25519, as docs/services.md has them."""

import base64
import hashlib
import json
import re
import threading
import time
import urllib.request

from . import ed25519
from .receipts import key_of

_LABEL = re.compile(r'agora=(\((?:"[^"\\]*"(?: "[^"\\]*")*)?\)((?:;[a-z]+=(?:"[^"\\]*"|\d{1,15}))*))')
_ALWAYS = ("@method", "@target-uri", "idempotency-key")
_WITH_BODY = ("content-type", "content-digest")
_TAG = "agora-service-call"
_APART_SECONDS = 60
_LOOK_AGAIN_SECONDS = 10
NOT_SIGNED = "The signature is not Agora's."


class KeySet:
    """Agora's public keys, read from its /.well-known/jwks.json. A key that is not known is looked up again, but not more often than every ten seconds."""

    def __init__(self, url, clock=time.monotonic):
        self._url, self._clock = url, clock
        self._keys, self._read_at, self._lock = {}, None, threading.Lock()

    def find(self, kid):
        found = key_of(self._keys, kid)
        if found is not None:
            return found
        with self._lock:
            found = key_of(self._keys, kid)
            if found is None and (self._read_at is None or self._clock() - self._read_at >= _LOOK_AGAIN_SECONDS):
                self._read_at = self._clock()
                with urllib.request.urlopen(self._url, timeout=5) as response:
                    self._keys = json.loads(response.read(1 << 20))
                found = key_of(self._keys, kid)
            return found


def why_not(method, url, headers, body, find, now=None):
    """
    None: Agora has called. Else a sentence that says why that is not known.

    url: the endpoint as it was registered, for what the caller says of itself in Host proves nothing. headers: names in lower case. find: the public
    key of a name.
    """
    signed = _LABEL.fullmatch(headers.get("signature-input", ""))
    if not signed:
        return "There is no signature of Agora's."
    covered = re.findall(r'"([^"]*)"', signed.group(1).split(")")[0])
    said = dict(re.findall(r';([a-z]+)=(?:"?([^";]*)"?)', signed.group(2)))
    has_body = method == "POST"
    if len(set(covered)) != len(covered) or not set(_ALWAYS + (_WITH_BODY if has_body else ())) <= set(covered):
        return "The signature does not cover what it has to."
    if "agora-max-cost-cents" in headers and "agora-max-cost-cents" not in covered:
        return "The signature does not cover the most that the run may cost."
    if "agora-try" in headers and "agora-try" not in covered:
        return "The signature does not cover that it is a try."
    if said.get("tag") != _TAG or said.get("alg", "ed25519") != "ed25519":
        return "The signature is of another kind."
    created = said.get("created", "")
    if not re.fullmatch("[0-9]{1,15}", created) or abs((time.time() if now is None else now) - int(created)) > _APART_SECONDS:
        return "The signature was made at another time."
    if has_body and headers.get("content-digest") != f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:":
        return "The digest is not the body's."
    public = find(said.get("keyid", ""))
    if public is None:
        return "The signature's key is not known."
    lines = []
    for name in covered:
        value = {"@method": method, "@target-uri": url}.get(name, headers.get(name))
        if value is None:
            return "The signature covers what is not there."
        lines.append(f'"{name}": {value}')
    base = "\n".join(lines + [f'"@signature-params": {signed.group(1)}'])
    signature = re.fullmatch(r"agora=:([A-Za-z0-9+/]*={0,2}):", headers.get("signature", ""))
    try:
        good = signature and ed25519.verify(public, base.encode("ascii"), base64.b64decode(signature.group(1), validate=True))
    except ValueError:
        good = False
    return None if good else NOT_SIGNED

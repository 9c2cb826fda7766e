"""Signed requests: HTTP Message Signatures (RFC 9421, Ed25519) with Content-Digest (RFC 9530), as docs/signed-requests.md has them."""

import base64
import hashlib
import os
import time

from .primitives import sign, signing_public, thumbprint

# Fields that decide what is done: each is signed where it is sent.
DECIDING = ("idempotency-key", "payment-signature", "x-payment", "stream-closed", "stream-seq", "producer-id", "producer-epoch", "producer-seq", "content-type", "upgrade")


def signed_headers(seed, agent, method, url, body=None, session=None, tenant="default", now=None, sent=None):
    """
    What a request has in place of a bearer token. url: as it is called, with its query; session: of the agent's own; None: it is the agent's own request; sent: headers that it has besides.
    """
    headers, covered = {}, {"@method": method, "@target-uri": url}
    if body is not None:
        headers["Content-Digest"] = covered["content-digest"] = f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"
    if session is not None:
        headers["Agora-Session"] = covered["agora-session"] = session
    values = {name.lower(): value.strip() for name, value in (sent or {}).items()}
    covered.update((name, values[name]) for name in DECIDING if name in values)
    names = " ".join(f'"{name}"' for name in covered)
    key = f"{tenant}.{agent}#{thumbprint('Ed25519', signing_public(seed))}"
    said = f'({names});created={int(time.time() if now is None else now)};keyid="{key}";alg="ed25519";nonce="{os.urandom(16).hex()}";tag="agora-request"'
    base = "\n".join([f'"{name}": {value}' for name, value in covered.items()] + [f'"@signature-params": {said}'])
    return {**headers, "Signature-Input": f"agora={said}", "Signature": f"agora=:{base64.b64encode(sign(seed, base.encode('ascii'))).decode()}:"}

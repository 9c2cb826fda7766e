"""The other half of Ed25519, for tests to sign with (RFC 8032, 5.1.6), and what is signed by it."""

import base64
import hashlib
import json

from agora import ed25519


def public_of(seed):
    return ed25519._encode(ed25519._sum(_halves(seed)[0], 0, ed25519._ZERO))


def sign(seed, message):
    a, prefix = _halves(seed)
    public = public_of(seed)
    r = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % ed25519._L
    point = ed25519._encode(ed25519._sum(r, 0, ed25519._ZERO))
    k = int.from_bytes(hashlib.sha512(point + public + message).digest(), "little") % ed25519._L
    return point + ((r + k * a) % ed25519._L).to_bytes(32, "little")


def jwk_of(public):
    x = b64(public)
    return {"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "x": x, "kid": b64(hashlib.sha256(f'{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}'.encode()).digest())}


def token(seed, claims, **header):
    head = {"alg": "EdDSA", "typ": "agora-receipt+jwt", "kid": jwk_of(public_of(seed))["kid"], **header}
    signed = f"{b64(json.dumps(head).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(sign(seed, signed.encode()))}"


def call(seed, url, body, run, created, method="POST", max_cost=None, tag="agora-service-call", without=()):
    """Headers of a call as Agora signs it. without: names that the signature leaves out."""
    headers = {"idempotency-key": run}
    if method == "POST":
        headers.update({"content-type": "application/json", "content-digest": f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"})
    if max_cost:
        headers["agora-max-cost-cents"] = max_cost
    names = [name for name in ("@method", "@target-uri", *headers) if name not in without]
    params = "({});created={};keyid=\"{}\";alg=\"ed25519\";nonce=\"n\";tag=\"{}\"".format(
        " ".join(f'"{name}"' for name in names), created, jwk_of(public_of(seed))["kid"], tag)
    values = {"@method": method, "@target-uri": url, **headers}
    base = "\n".join([*(f'"{name}": {values[name]}' for name in names), f'"@signature-params": {params}'])
    return {**headers, "signature-input": f"agora={params}", "signature": f"agora=:{base64.b64encode(sign(seed, base.encode())).decode()}:"}


def b64(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _halves(seed):
    digest = hashlib.sha512(seed).digest()
    a = int.from_bytes(digest[:32], "little") & ((1 << 254) - 8) | (1 << 254)
    return a, digest[32:]

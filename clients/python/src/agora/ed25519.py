"""Ed25519 as RFC 8032 has it, as far as checking takes: plain integers, nothing secret, some milliseconds a signature."""

import hashlib

_P = 2 ** 255 - 19
_L = 2 ** 252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_ROOT = pow(2, (_P - 1) // 4, _P)
_ZERO = (0, 1, 1, 0)


def _add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % _P, (p[1] + p[0]) * (q[1] + q[0]) % _P
    c, d = 2 * p[3] * q[3] * _D % _P, 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _decode(text):
    """The point that 32 bytes name; None: they name none, or by a second spelling."""
    number = int.from_bytes(text, "little")
    y, sign = number & (2 ** 255 - 1), number >> 255
    if y >= _P:
        return None
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _ROOT % _P
    if (x * x - square) % _P or (x == 0 and sign):
        return None
    x = _P - x if x & 1 != sign else x
    return x, y, 1, x * y % _P


def _encode(point):
    inverse = pow(point[2], _P - 2, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


_BASE = _decode((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little"))


def _sum(s, k, point):
    """s times the base point and k times the other, in one walk over the bits of both."""
    both, result = _add(_BASE, point), _ZERO
    for bit in range(max(s.bit_length(), k.bit_length()) - 1, -1, -1):
        result = _add(result, result)
        which = (s >> bit & 1, k >> bit & 1)
        if which != (0, 0):
            result = _add(result, both if which == (1, 1) else _BASE if which[0] else point)
    return result


def is_key(public):
    """False where the bytes are nobody's key: points of low order verify what no key signed."""
    point = _decode(public) if len(public) == 32 else None
    if point is None:
        return False
    for _ in range(3):
        point = _add(point, point)
    return point[0] % _P != 0 or (point[1] - point[2]) % _P != 0


def verify(public, message, signature):
    """True where the signature is the key's over the message. Total over any bytes."""
    if len(signature) != 64 or not is_key(public):
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= _L:
        return False
    x, y, z, t = _decode(public)
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % _L
    return _encode(_sum(s, k, (-x % _P, y, z, -t % _P))) == signature[:32]

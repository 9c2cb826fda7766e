"""What a request and its reply look like on the wire, for the blocking and the async transport alike."""

import json
import random
import urllib.parse
import uuid
from decimal import Decimal
from typing import NamedTuple, Optional

from .errors import NoAnswer, refusal

MAX_REPLY_BYTES = 64 << 20
_OF_OTHERS = ("output", "input_schema", "output_schema", "schema", "body", "body_schema", "details")


class Reply(dict):
    """The data of a reply; what stood beside it are attributes."""

    def __init__(self, data, status, body, headers):
        super().__init__(data if isinstance(data, dict) else {})
        self.status = status
        self.next_actions = body.get("next_actions") or []
        self.request_id = body.get("request_id")
        self.untrusted_fields = body.get("untrusted_fields") or []
        self.replayed = headers.get("Idempotent-Replayed") == "true"
        self.retry_after = _number(headers.get("Retry-After"))


class Retry:
    """
    How often and how long a request is sent again: `attempts` tries, `deadline` seconds in all, `timeout` seconds without a byte of one try, and at most
    `new_keys` times under another key after a service has failed, which cost nothing.
    """

    def __init__(self, attempts=8, deadline=120.0, timeout=30.0, new_keys=2):
        self.attempts, self.deadline, self.timeout, self.new_keys = attempts, deadline, timeout, new_keys

    def pause(self, error, attempt):
        """Seconds before the same is sent under the same key; None: it is not."""
        if isinstance(error, NoAnswer):
            return random.uniform(0.5, 1) * min(8, 0.25 * 2 ** attempt)
        return error.retry_after_seconds if error.retry in ("same_key", "new_key") else None


class Signed(NamedTuple):
    """In place of a bearer token: keys sign each try. session: an id of the agent's own; None: the request is the agent's own."""

    keys: object
    session: Optional[str] = None
    tenant: str = "default"


def url_of(base, path, query=None):
    return base + path + (("&" if "?" in path else "?") + urllib.parse.urlencode(query) if query else "")


def prepared(method, url, token, body=None, key=None, headers=None):
    """The bytes and the headers of one try."""
    sent = {"Accept": "application/json", "User-Agent": "agora-client-python", **(headers or {})}
    if token and not isinstance(token, Signed):
        sent["Authorization"] = f"Bearer {token}"
    if key:
        sent["Idempotency-Key"] = key
    data = None
    if body is not None:
        data, sent["Content-Type"] = json.dumps(body, default=_amount).encode(), "application/json"
    if isinstance(token, Signed):
        sent.update(token.keys.sign_request(method, url, data, token.session, token.tenant, sent))
    return data, sent


def listening(after):
    """Headers of a request for events behind this one; None: from the beginning."""
    return {"Accept": "text/event-stream", **({} if after is None else {"Last-Event-ID": after})}


def read(status, found, text, key, sent):
    """The Reply. Raises what a refusal stands for, and NoAnswer where the bytes are no reply of Agora's."""
    try:
        reply = _parsed(text)
    except ValueError as garbled:
        if status < 300 or status >= 500:  # It was cut off, or somebody in between has answered.
            raise NoAnswer(f"status {status} without a reply of Agora's", key) from garbled
        reply = None
    if status >= 300:
        raise refusal(status, reply, key, sent.get("Signature-Input"), found.get("Date"))
    return Reply(reply.get("data", reply) if isinstance(reply, dict) else {}, status, reply if isinstance(reply, dict) else {}, found)


class EventReader:
    """Server-sent events out of the bytes of one connection. An event that was cut off in the middle is none."""

    def __init__(self):
        self._left, self._event = b"", {}

    def take(self, chunk):
        """The events, as (id, data), that these bytes complete."""
        *lines, self._left = (self._left + chunk).split(b"\n")
        for line in lines:
            name, _, value = line.decode().rstrip("\r").partition(": ")
            if name:
                self._event[name] = f"{self._event[name]}\n{value}" if name == "data" and name in self._event else value
            else:
                if "id" in self._event and "data" in self._event:
                    yield self._event["id"], _parsed(self._event["data"])
                self._event = {}


def new_key():
    """An Idempotency-Key that nobody has used."""
    return str(uuid.uuid4())


def _amount(value):
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _floats(value, name="", foreign=False):
    """Amounts of ours (…_cents) stay decimal, for money is never a float; all other numbers are floats as ever."""
    if isinstance(value, dict):
        return {key: _floats(item, key, foreign or key in _OF_OTHERS) for key, item in value.items()}
    if isinstance(value, list):
        return [_floats(item, name, foreign) for item in value]
    return float(value) if isinstance(value, Decimal) and (foreign or not name.endswith("_cents")) else value


def _parsed(text):
    return _floats(json.loads(text, parse_float=Decimal))


def _number(text):
    return int(text) if text and text.isdecimal() else None

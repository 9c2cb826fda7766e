"""One request and its reply, and the rule by which it is sent again."""

import http.client
import json
import random
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from decimal import Decimal
from typing import NamedTuple, Optional

from .errors import AgoraError, NoAnswer, refusal

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


class Transport:
    """A server, reached by HTTP. Redirects are not followed: a key goes to nobody but whom it was meant for."""

    def __init__(self, url, retry=None, clock=time.monotonic, sleep=time.sleep):
        self.url, self.retry = url.rstrip("/"), retry or Retry()
        self._clock, self._sleep = clock, sleep
        self._opener = urllib.request.build_opener(_NoRedirect)

    def send(self, method, path, token=None, body=None, query=None, key=None, headers=None, renew=None):
        """
        Sends it until it has an answer, is refused for good, or the deadline has passed.

        key: None: the client makes one, and keeps it through all tries. Only where an outcome that cost nothing stands under a key that the
        client itself made is another one taken: the caller's key is never replaced.
        renew: gives a new token for the one that is not taken any more. It is asked once, and only if no try before was left without an answer.
        """
        new_keys = self.retry.new_keys if key is None else 0
        key = None if method == "GET" else key or new_key()
        end, unanswered = self._clock() + self.retry.deadline, False
        for left in range(self.retry.attempts - 1, -1, -1):
            try:
                return self.once(method, path, token, body, query, key, headers, max(0.1, min(self.retry.timeout, end - self._clock())))
            except AgoraError as error:
                if renew and error.status == 401 and left:
                    token, renew = renew(error, unanswered and method != "GET"), None
                    continue
                pause = self.retry.pause(error, self.retry.attempts - 1 - left)
                if pause is None or not left or self._clock() + pause > end or (error.retry == "new_key" and not new_keys):
                    raise
                unanswered |= isinstance(error, NoAnswer) or error.code == "idempotency_in_flight"
                if error.retry == "new_key":
                    key, new_keys, unanswered = new_key(), new_keys - 1, False
            self._sleep(pause)
        raise ValueError("A request has at least one try.")

    def once(self, method, path, token, body, query, key, headers, timeout):
        """One try."""
        url = self.url + path + (("&" if "?" in path else "?") + urllib.parse.urlencode(query) if query else "")
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
        request = urllib.request.Request(url, data, sent, method=method)
        try:
            try:
                with self._opener.open(request, timeout=timeout) as response:
                    status, found, text = response.status, response.headers, response.read(MAX_REPLY_BYTES)
            except urllib.error.HTTPError as response:
                with response:
                    status, found, text = response.code, response.headers, response.read(MAX_REPLY_BYTES)
        except (OSError, http.client.HTTPException) as lost:
            raise NoAnswer(lost, key) from lost
        try:
            reply = json.loads(text, parse_float=Decimal)
        except ValueError as garbled:
            if status < 300 or status >= 500:  # It was cut off, or somebody in between has answered.
                raise NoAnswer(f"status {status} without a reply of Agora's", key) from garbled
            reply = None
        if status >= 300:
            raise refusal(status, _floats(reply), key)
        reply = _floats(reply)
        return Reply(reply.get("data", reply) if isinstance(reply, dict) else {}, status, reply if isinstance(reply, dict) else {}, found)


def new_key():
    """An Idempotency-Key that nobody has used."""
    return str(uuid.uuid4())


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


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


def _number(text):
    return int(text) if text and text.isdecimal() else None

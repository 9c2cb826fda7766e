"""One request and its reply, and the rule by which it is sent again."""

import contextlib
import http.client
import json
import random
import socket
import threading
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
        self.clock, self.sleep = clock, sleep
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
        end, unanswered = self.clock() + self.retry.deadline, False
        for left in range(self.retry.attempts - 1, -1, -1):
            try:
                return self.once(method, path, token, body, query, key, headers, max(0.1, min(self.retry.timeout, end - self.clock())))
            except AgoraError as error:
                if renew and error.status == 401 and left:
                    token, renew = renew(error, unanswered and method != "GET"), None
                    continue
                pause = self.retry.pause(error, self.retry.attempts - 1 - left)
                if pause is None or not left or self.clock() + pause > end or (error.retry == "new_key" and not new_keys):
                    raise
                unanswered |= isinstance(error, NoAnswer) or error.code == "idempotency_in_flight"
                if error.retry == "new_key":
                    key, new_keys, unanswered = new_key(), new_keys - 1, False
            self.sleep(pause)
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
        try:
            with self._asked(method, url, data, sent, timeout) as response:
                status, found, text = response.status, response.headers, response.read(MAX_REPLY_BYTES)
        except (OSError, http.client.HTTPException) as lost:
            raise NoAnswer(lost, key) from lost
        return self._read(status, found, text, key, sent)

    def events(self, path, token, after=None, ended=None):
        """
        The events of one connection, as (id, data), until it ends; NoAnswer: it was cut. What was cut off in the middle of an event is none. after: the id of the last event that was received. ended: a threading.Event that
        ends it.
        """
        url, sent = self.url + path, {"Accept": "text/event-stream", "User-Agent": "agora-client-python"}
        if after is not None:
            sent["Last-Event-ID"] = after
        if isinstance(token, Signed):
            sent.update(token.keys.sign_request("GET", url, None, token.session, token.tenant, sent))
        else:
            sent["Authorization"] = f"Bearer {token}"
        try:
            with self._asked("GET", url, None, sent, self.retry.timeout) as response, _Ending(response, ended):
                if response.status != 200:
                    self._read(response.status, response.headers, response.read(MAX_REPLY_BYTES), None, sent)
                if response.headers.get_content_type() != "text/event-stream":
                    raise NoAnswer("somebody in between has answered", None)
                said = {}
                for line in response:
                    name, _, value = line.decode().rstrip("\r\n").partition(": ")
                    if name:
                        said[name] = f"{said[name]}\n{value}" if name == "data" and name in said else value
                    elif line.endswith(b"\n"):
                        if "id" in said and "data" in said:
                            yield said["id"], _parsed(said["data"])
                        said = {}
        except (OSError, http.client.HTTPException, ValueError) as lost:
            if not (ended and ended.is_set()):
                raise NoAnswer(lost, None) from lost

    def _asked(self, method, url, data, sent, timeout):
        try:
            return self._opener.open(urllib.request.Request(url, data, sent, method=method), timeout=timeout)
        except urllib.error.HTTPError as response:
            return response

    def _read(self, status, found, text, key, sent):
        try:
            reply = _parsed(text)
        except ValueError as garbled:
            if status < 300 or status >= 500:  # It was cut off, or somebody in between has answered.
                raise NoAnswer(f"status {status} without a reply of Agora's", key) from garbled
            reply = None
        if status >= 300:
            raise refusal(status, reply, key, sent.get("Signature-Input"), found.get("Date"))
        return Reply(reply.get("data", reply) if isinstance(reply, dict) else {}, status, reply if isinstance(reply, dict) else {}, found)


class _Ending:
    """Whoever reads the response wakes up when `ended` is set: its connection is shut, for whoever waits for a byte looks at nothing else."""

    def __init__(self, response, ended):
        self._response, self._ended, self._over, self._gate = response, ended, threading.Event(), threading.Lock()

    def __enter__(self):
        if self._ended:
            threading.Thread(target=self._watch, daemon=True).start()

    def __exit__(self, *_):
        with self._gate:  # Behind this the number of its socket may be another's.
            self._over.set()

    def _watch(self):
        while not self._ended.wait(0.1):
            if self._over.is_set():
                return
        with self._gate:
            if not self._over.is_set():
                with socket.fromfd(self._response.fileno(), socket.AF_INET, socket.SOCK_STREAM) as same, contextlib.suppress(OSError):
                    same.shutdown(socket.SHUT_RDWR)


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


def _parsed(text):
    return _floats(json.loads(text, parse_float=Decimal))


def _number(text):
    return int(text) if text and text.isdecimal() else None

"""One request and its reply over HTTP, with the standard library alone."""

import contextlib
import http.client
import socket
import threading
import time
import urllib.error
import urllib.request

from .errors import NoAnswer
from .sending import Sending
from .wire import MAX_REPLY_BYTES, EventReader, Reply, Retry, Signed, listening, new_key, prepared, read, url_of


class Transport(Sending):
    """A server, reached by HTTP. Redirects are not followed: a key goes to nobody but whom it was meant for."""

    def __init__(self, url, retry=None, clock=time.monotonic, sleep=time.sleep):
        super().__init__(url, retry, sleep, clock)
        self._opener = urllib.request.build_opener(_NoRedirect)

    def close(self):
        """Each try has a connection of its own: none is left open."""

    def once(self, method, path, token, body, query, key, headers, timeout):
        """One try."""
        url = url_of(self.url, path, query)
        data, sent = prepared(method, url, token, body, key, headers)
        try:
            with self._asked(method, url, data, sent, timeout) as response:
                status, found, text = response.status, response.headers, response.read(MAX_REPLY_BYTES)
        except (OSError, http.client.HTTPException) as lost:
            raise NoAnswer(lost, key) from lost
        return read(status, found, text, key, sent)

    def events(self, path, token, after=None, ended=None):
        """
        The events of one connection, as (id, data), until it ends; NoAnswer: it was cut. What was cut off in the middle of an event is none. after: the id of the last event that was received. ended: a threading.Event that
        ends it.
        """
        url = url_of(self.url, path)
        _, sent = prepared("GET", url, token, headers=listening(after))
        try:
            with self._asked("GET", url, None, sent, self.retry.timeout) as response, _Ending(response, ended):
                if response.status != 200:
                    read(response.status, response.headers, response.read(MAX_REPLY_BYTES), None, sent)
                if response.headers.get_content_type() != "text/event-stream":
                    raise NoAnswer("somebody in between has answered", None)
                events = EventReader()
                for line in response:
                    yield from events.take(line)
        except (OSError, http.client.HTTPException, ValueError) as lost:
            if not (ended and ended.is_set()):
                raise NoAnswer(lost, None) from lost

    def _asked(self, method, url, data, sent, timeout):
        try:
            return self._opener.open(urllib.request.Request(url, data, sent, method=method), timeout=timeout)
        except urllib.error.HTTPError as response:
            return response


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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None

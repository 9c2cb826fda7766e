# Made of agora/aio/sending.py by clients/generate.py: not to be edited.
"""The rule by which a request is sent again."""

import time

from .errors import AgoraError, NoAnswer
from .wire import Retry, new_key


class Sending:
    """A server's address, and how often and how long a request to it is tried. A transport adds `once`, one try."""

    def __init__(self, url, retry, sleep, clock=time.monotonic):
        self.url, self.retry = url.rstrip("/"), retry or Retry()
        self.clock, self.sleep = clock, sleep

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

"""What a request can end with besides an answer. Each code of docs/errors.md is of one family, and each family is a class."""

import re
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


class AgoraError(Exception):
    """A refusal.

    code, message, details: as docs/errors.md has them. retry: same_key, new_key or never, with retry_after_seconds.
    next_actions: what would help, the best first. key: the Idempotency-Key that the request had, or None.
    """

    codes = ()

    def __init__(self, status, error, request_id=None, key=None):
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.status = status
        self.code = error.get("code", "")
        self.message = error.get("message", "")
        self.details = error.get("details")
        self.retry = error.get("retry", "never")
        self.retry_after_seconds = error.get("retry_after_seconds")
        self.next_actions = error.get("next_actions") or []
        self.request_id = request_id
        self.key = key


class AuthenticationError(AgoraError):
    """The key or the session is not taken, or not any more."""

    codes = ("unauthorized", "session_expired", "session_revoked", "test_reset", "signature_refused")


class NotAllowed(AgoraError):
    """Role, scope, grant, suspension or campaign do not allow it."""

    codes = ("forbidden", "test_only", "scope_violation", "grant_exceeded", "session_suspended", "not_eligible")


class LimitReached(AgoraError):
    """A limit has not enough left: details say which, and what would pass."""

    codes = ("budget_exceeded",)


class PaymentRequired(AgoraError):
    """Nobody pays for it."""

    codes = ("payment_required", "rewards_exhausted")


class NotFound(AgoraError):
    """There is no such thing here."""

    codes = ("not_found",)


class InvalidRequest(AgoraError):
    """The request has to be mended: details of validation_failed list what is wrong."""

    codes = ("malformed_request", "content_refused", "method_not_allowed", "not_acceptable", "payload_too_large", "unsupported_media_type", "validation_failed")


class Conflict(AgoraError):
    """It was done, decided or changed before."""

    codes = (
        "duplicate_request", "task_already_completed", "idempotency_conflict", "idempotency_in_flight", "approval_decided", "run_cancelled",
        "run_decided", "key_mismatch", "conversation_closed", "not_accepted", "precondition_failed",
    )


class RateLimited(AgoraError):
    """Too many requests, for longer than the client was told to wait."""

    codes = ("rate_limited",)


class ServiceFailed(AgoraError):
    """The service that was run has failed. It cost nothing."""

    codes = ("upstream_failed", "upstream_timeout")


class Unavailable(AgoraError):
    """The request was not decided, or nobody knows whether it was. The same key finds out."""

    codes = ("unavailable", "internal")


class NoAnswer(AgoraError):
    """No answer came within the deadline. What the request asked for may have been done: sent again under the same `key`, it is done once."""

    def __init__(self, cause, key):
        super().__init__(0, {"code": "no_answer", "message": f"There was no answer: {cause}", "retry": "same_key"}, key=key)


class SessionLost(AuthenticationError):
    """The session ended while a request waited for its answer. Keys belong to a session, so asking in a new one could do it twice:
    look first at what the old one did."""

    codes = ()

    def __init__(self, error):
        super().__init__(
            error.status,
            {
                "code": error.code,
                "message": f"{error.message} An earlier try of this request had no answer: look at what it did before you send it in a new session.",
                "details": error.details,
                "next_actions": error.next_actions,
            },
            error.request_id, error.key,
        )


class RunFailed(ServiceFailed):
    """A run that was waited for has failed, or was cancelled. It cost nothing; `run` is what is known of it."""

    codes = ()

    def __init__(self, run):
        failure = {"code": "upstream_failed", "retry": "new_key", **(run.get("failure") or {})}
        super().__init__(200, {"code": failure["code"], "message": f"Run {run.get('run_id')} has failed.", "details": {"run_id": run.get("run_id")}, "retry": failure["retry"]}, run.request_id)
        self.run = run


class ReceiptInvalid(ValueError):
    """A receipt, a key set or a signature is not what it says it is."""


FAMILIES = {code: family for family in AgoraError.__subclasses__() for code in family.codes}


def refusal(status, body, key=None, signed=None, date=None):
    """
    The exception that a reply stands for, whatever the reply holds. signed, date: Signature-Input of the request and Date of the reply; where they are too far apart it says by how much this clock is off.
    """
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        error = {"code": f"http_{status}", "message": f"Status {status}, without an error that Agora would send.", "retry": "same_key" if status >= 500 else "never"}
    request_id = body.get("request_id") if isinstance(body, dict) else None
    if error.get("code") == "signature_refused" and (error.get("details") or {}).get("fault") == "stale" and signed and date:
        error = {**error, "message": f"{error['message']} {_clock_off(signed, date)}"}
    return FAMILIES.get(error.get("code"), AgoraError)(status, error, request_id, key)


def _clock_off(signed, date):
    here, there = datetime.fromtimestamp(int(re.search(r";created=(\d+)", signed)[1]), timezone.utc), parsedate_to_datetime(date)
    apart = int((here - there).total_seconds())
    return f"This clock was at {here:%Y-%m-%dT%H:%M:%SZ}, the server's at {there:%Y-%m-%dT%H:%M:%SZ}: it is {abs(apart)} s {'ahead' if apart > 0 else 'behind'}."

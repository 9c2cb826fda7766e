"""Agora's client: an agent's session in a few lines, and services of providers in ten. README.md of this package tells how."""

from .agent import ALL_SCOPES, Agent
from .answers import Answers
from .errors import (
    AgoraError, AuthenticationError, Conflict, InvalidRequest, LimitReached, NoAnswer, NotAllowed, NotFound, PaymentRequired, RateLimited, ReceiptInvalid,
    RunFailed, ServiceFailed, SessionLost, Unavailable,
)
from .operator import Operator
from .peer import Peer, Unanswered
from .provider import Call, Metered, Refused, Service, TryAgain, service
from .receipts import verify_receipt
from .schema import Field
from .serving import serve, server
from .transport import Reply, Retry, new_key

__version__ = "0.7.0"
__all__ = [
    "ALL_SCOPES", "Agent", "AgoraError", "Answers", "AuthenticationError", "Call", "Conflict", "Field", "InvalidRequest", "LimitReached", "Metered", "NoAnswer",
    "NotAllowed", "NotFound", "Operator", "PaymentRequired", "Peer", "RateLimited", "ReceiptInvalid", "Refused", "Reply", "Retry", "RunFailed", "Service",
    "ServiceFailed", "SessionLost", "TryAgain", "Unanswered", "Unavailable", "new_key", "serve", "server", "service", "verify_receipt",
]

"""
Agora's client for asyncio: Agent, Peer and Operator as the package agora has them, each method awaited. Needs the package httpx, which the extra `aio` brings.

The classes here are the ones that are written by hand; those of the package agora are made of them by clients/generate.py, so that no rule stands twice.
"""

from .agent import Agent
from .operator import Operator
from .peer import Peer
from .transport import Transport

__all__ = ["Agent", "Operator", "Peer", "Transport"]

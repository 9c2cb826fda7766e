"""
Agora by what is to be done: an action's name is resolved to a service, which is run and paid within the session's limits. The client blocks. `async with` gives an async
client with the same settings to the name after `as`: await its methods. That needs the package httpx (the extra `aio`).
"""

from agora import AgoraError

from . import client
from .actions import ActionAmbiguous, ActionNotFound

__version__ = "0.7.0"
__all__ = ["ActionAmbiguous", "ActionNotFound", "AgoraError", "DemocraticAIClient"]


class DemocraticAIClient(client.DemocraticAIClient):
    __doc__ = client.DemocraticAIClient.__doc__

    async def __aenter__(self):
        """The async client of the same key, address and limits."""
        from . import aio  # It needs the package httpx.

        agent = self.agent
        self._entered = aio.DemocraticAIClient(agent.key, agent.transport.url, agent.user_id, agent.agent_id, retry=agent.transport.retry)
        self._entered.agent.scopes = agent.scopes
        return await self._entered.__aenter__()

    async def __aexit__(self, *ended):
        await self._entered.__aexit__(*ended)

"""Agora by what is to be done, for asyncio."""

import re

from agora import ALL_SCOPES
from agora.aio import Agent

from .actions import BREAKS, MOST, ActionNotFound, choose, words


class DemocraticAIClient:
    """
    api_key: an agent's own key, or the platform key. base_url, user_id, agent_id: else AGENT_API_URL, AGENT_USER_ID and AGENT_ID of the environment.
    budget_limit_cents: the most that this client's session may cost; None: what the user's grant allows.
    """

    def __init__(self, api_key=None, base_url=None, user_id=None, agent_id=None, budget_limit_cents=None, retry=None):
        scopes = None if budget_limit_cents is None else {**ALL_SCOPES, "budget_limit_cents": budget_limit_cents}
        self.agent = Agent(base_url, api_key, agent_id, user_id, scopes, retry=retry)
        self._resolved = {}

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.close()

    async def close(self):
        await self.agent.close()

    async def resolve(self, action, payload=None):
        """The service that an action means, as the catalogue has it. Raises ActionNotFound or ActionAmbiguous."""
        return await resolve(self.agent, action, payload or {})

    async def execute(self, action, payload, service_id=None, max_price_cents=None, pay_with=None, key=None, wait=60.0):
        """
        Runs the service that the action means, or the one that is named, and returns the run: its output, and the payment. Sponsors pay first; the
        agent's wallet where max_price_cents says how much it may be.
        """
        named = service_id or self._resolved.get((action, *sorted(payload)))
        if named is None:
            named = self._resolved[(action, *sorted(payload))] = (await self.resolve(action, payload))["service_id"]
        return await self.agent.run(named, payload, max_price_cents, pay_with, key=key, wait=wait)


async def resolve(agent, action, payload):
    """The one service that fits. Deterministic: the same catalogue and scopes give the same service."""
    if not words(action):
        raise ActionNotFound(action, [])
    found = await _first(agent.services(" ".join(re.split(BREAKS, action)).strip()))
    known = {service["service_id"] for service in found}
    found += [service for service in await _first(agent.services()) if service["service_id"] not in known]
    return choose(found, action, payload)


async def _first(services):
    found = []
    async for service in services:
        found.append(service)
        if len(found) == MOST:
            break
    return found

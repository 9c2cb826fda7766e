"""Agora by what is to be done: an action's name is resolved to a service, which is run and paid within the session's limits."""

from agora import ALL_SCOPES, Agent, AgoraError

from .actions import ActionAmbiguous, ActionNotFound, resolve

__version__ = "0.7.0"
__all__ = ["ActionAmbiguous", "ActionNotFound", "AgoraError", "DemocraticAIClient"]


class DemocraticAIClient:
    """
    api_key: an agent's own key, or the platform key. base_url, user_id, agent_id: else AGENT_API_URL, AGENT_USER_ID and AGENT_ID of the environment.
    budget_limit_cents: the most that this client's session may cost; None: what the user's grant allows.
    """

    def __init__(self, api_key=None, base_url=None, user_id=None, agent_id=None, budget_limit_cents=None, retry=None):
        scopes = None if budget_limit_cents is None else {**ALL_SCOPES, "budget_limit_cents": budget_limit_cents}
        self.agent = Agent(base_url, api_key, agent_id, user_id, scopes, retry=retry)
        self._resolved = {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.agent.close()

    def resolve(self, action, payload=None):
        """The service that an action means, as the catalogue has it. Raises ActionNotFound or ActionAmbiguous."""
        return resolve(self.agent, action, payload or {})

    def execute(self, action, payload, service_id=None, max_price_cents=None, pay_with=None, key=None, wait=60.0):
        """
        Runs the service that the action means, or the one that is named, and returns the run: its output, and the payment. Sponsors pay first; the
        agent's wallet where max_price_cents says how much it may be.
        """
        named = service_id or self._resolved.get((action, *sorted(payload)))
        if named is None:
            named = self._resolved[(action, *sorted(payload))] = self.resolve(action, payload)["service_id"]
        return self.agent.run(named, payload, max_price_cents, pay_with, key=key, wait=wait)

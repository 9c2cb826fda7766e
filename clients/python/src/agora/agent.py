# Made of agora/aio/agent.py by clients/generate.py: not to be edited.
"""An agent that acts for a user: its session, what it finds, does, runs and pays."""

import os
import re
import time
from datetime import datetime, timezone
from typing import Iterator
from urllib.parse import quote

from . import types
from .errors import ReceiptInvalid, RunFailed, SessionLost
from .receipts import verify_receipt
from .wire import Signed
from .transport import Transport

ALL_SCOPES = {"allowed_task_types": ["*"], "allowed_data_types": ["*"], "allowed_categories": ["*"], "allowed_consents": ["*"]}
_POLL = 10


class Agent:
    """
    One agent's session for one user. It is opened with the first request, and opened again when its time is over.

    url, key, agent_id, user_id: else AGENT_API_URL, AGENT_API_KEY, AGENT_ID and AGENT_USER_ID of the environment; an agent's own key names its agent.
    scopes: what the session may do, such as {"budget_limit_cents": 100}; None: what the user's grant allows.
    keys: an agora.sealed.KeyRing whose card is registered: requests are signed with it and carry no token (docs/signed-requests.md). Within the session that the key
    or open() opens, or session_id names; without one they are the agent's own, for what agents do among each other. tenant: as the agent's key has it.
    Replies are dicts of what is in `data`; their attributes next_actions, request_id and replayed tell the rest.
    """

    def __init__(self, url=None, key=None, agent_id=None, user_id=None, scopes=None, expires_in_seconds=None, retry=None, token=None, keys=None, session_id=None, tenant="default"):
        self.transport = Transport(url or os.environ.get("AGENT_API_URL", "http://127.0.0.1:8080"), retry)
        self.key = key or (None if token or keys else os.environ.get("AGENT_API_KEY"))
        if not (self.key or token or keys):
            raise ValueError("An agent needs its key: pass key=…, or set AGENT_API_KEY.")
        self.agent_id = agent_id or agent_of(self.key) or (keys and keys.agent) or os.environ.get("AGENT_ID")
        self.user_id = user_id or os.environ.get("AGENT_USER_ID")
        self.scopes, self.expires_in_seconds = scopes, expires_in_seconds
        self.token, self.session, self.next_actions = token, None, []
        self.keys, self.session_id, self.tenant = keys, session_id, tenant
        self._jwks = None
        self.is_test = _is_test(self.key or token or "") or "_t" in tenant  # Of test mode, by its own credential: there receipts are of play money.

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The session.

    def open(self):
        """Opens a session, whether or not there is one, by a signature where there are keys and no key. The token that it gives, or with keys the session, is used from then on."""
        asked = {"agent_id": self.agent_id, "user_id": self.user_id, "scopes": self.scopes, "expires_in_seconds": self.expires_in_seconds}
        credential = self.key or (Signed(self.keys, None, self.tenant) if self.keys else None)
        self.session = self.transport.send("POST", "/agent/auth", credential, {name: value for name, value in asked.items() if value is not None})
        self.token, self.session_id, self.next_actions = self.session["token"], self.session["session_id"], self.session.next_actions
        return self.session

    def close(self):
        """Ends the session, and all that it has delegated."""
        try:
            if self.token or self.session_id:
                credential, self.token, self.session_id = self._credential(), None, None
                self.transport.send("DELETE", "/agent/session", credential)
        finally:
            self.transport.close()

    def request(self, method, path, body=None, query=None, key=None, headers=None):
        """Any route of agents. Without a key the client makes one, and keeps it until there is an answer."""
        if not (self.session_id or not self.key if self.keys else self.token):
            self.open()
        reply = self.transport.send(method, path, self._credential(), body, query, key, headers, self._renew)
        self.next_actions = reply.next_actions
        return reply

    def _renew(self, error, unanswered):
        if unanswered:
            raise SessionLost(error)
        if error.code != "session_expired" or not (self.key or self.keys and self.session):
            raise error
        self.open()
        return self._credential()

    def _credential(self):
        return Signed(self.keys, self.session_id, self.tenant) if self.keys else self.token

    # Finding and doing.

    def services(self, q=None, **filters) -> Iterator[types.ServiceData]:
        """Services in scope, ranked, page after page: q searches; category, provider, max_price_cents, sponsored narrow."""
        return self._pages("/agent/services", {"q": q, **filters})

    def tasks(self) -> Iterator[types.TaskData]:
        """The sponsors' tasks in scope."""
        return self._pages("/agent/tasks")

    def task(self, campaign_id):
        return self.request("GET", f"/agent/tasks/{_id(campaign_id)}")

    def claim(self, campaign_id, key=None):
        """Has the task's reward held until it is done."""
        return self.request("POST", f"/agent/tasks/{_id(campaign_id)}/claim", key=key)

    def complete(self, campaign_id, output, consents=(), key=None):
        """Does a task. consents: names of those that the user has given, or objects with type and granted."""
        given = [{"type": consent, "granted": True} if isinstance(consent, str) else consent for consent in consents]
        return self.request("POST", f"/agent/tasks/{_id(campaign_id)}/complete", {"output": output, "consents": given}, key=key)

    def run(self, service_id, input, max_price_cents=None, pay_with=None, campaign_id=None, key=None, wait=60.0):
        """
        Runs a service. One that is under way is waited for, for `wait` seconds, with 0 not at all: what is not over then comes with its state, pending
        or awaiting_approval, and wait_for(run_id) goes on. A run that failed raises; it cost nothing.
        """
        asked = {"input": input, "max_price_cents": max_price_cents, "pay_with": pay_with, "campaign_id": campaign_id}
        body = {name: value for name, value in asked.items() if value is not None or name == "input"}
        headers = None if wait > 0 else {"Prefer": "respond-async"}
        reply = self.request("POST", f"/agent/services/{_id(service_id)}/run", body, key=key, headers=headers)
        return self.wait_for(reply["run_id"], wait, reply) if reply.status == 202 else reply

    def wait_for(self, run_id, wait=60.0, reply=None):
        """The run when it is over, or as it is after so many seconds. The server holds each look until something has changed."""
        end = time.monotonic() + wait
        while True:
            began = time.monotonic()
            if reply is None:
                reply = self.request("GET", f"/agent/runs/{_id(run_id)}", headers={"Prefer": f"wait={max(0, min(_POLL, int(end - began)))}"})
                held = time.monotonic() - began
            else:
                held = _POLL
            if reply["state"] in ("failed", "cancelled"):
                raise RunFailed(reply)
            left = end - time.monotonic()
            if reply["state"] not in ("pending", "awaiting_approval") or left <= 0:
                return reply
            self.transport.sleep(0 if held >= 1 else min(left, reply.retry_after or 1))
            reply = None

    def cancel(self, run_id, key=None):
        """Takes a run back before it has its output."""
        return self.request("POST", f"/agent/runs/{_id(run_id)}/cancel", key=key)

    def runs(self) -> Iterator[types.RunSummaryData]:
        return self._pages("/agent/runs")

    # Money.

    def wallet(self):
        return self.request("GET", "/agent/wallet")

    def statement(self, **filters) -> Iterator[types.EntryData]:
        return self._pages("/agent/wallet/statement", filters)

    def transfer(self, to, amount_cents, memo="", key=None):
        """Pays another wallet. One that is not decided yet comes with its state; wait_for(transfer_id) tells the end."""
        return self.request("POST", "/agent/wallet/transfer", {"to": to, "amount_cents": amount_cents, "memo": memo}, key=key)

    def receipt(self, run_id):
        """The signed receipt of a run, as it came, and what it says, checked with the key set: (token, claims)."""
        token = (self.request("GET", f"/agent/runs/{_id(run_id)}/receipt"))["receipt"]
        try:
            claims = verify_receipt(token, self.jwks(), test=self.is_test)
        except ReceiptInvalid:
            claims = verify_receipt(token, self.jwks(fresh=True), test=self.is_test)  # A key that is newer than the set.
        if claims.get("run_id") != run_id:
            raise ReceiptInvalid(f"It is of run {claims.get('run_id')}.")
        return token, claims

    def jwks(self, fresh=False):
        """The server's public keys: to be kept, and used offline."""
        if fresh or self._jwks is None:
            self._jwks = dict(self.transport.send("GET", "/.well-known/jwks.json"))
        return self._jwks

    # What it gives on, and what was.

    def delegate(self, agent_id, scopes=None, expires_in_seconds=None, key=None):
        """A sub-session for another agent, within this one: an Agent whose session ends with its time."""
        asked = {"agent_id": agent_id, "scopes": scopes, "expires_in_seconds": expires_in_seconds}
        opened = self.request("POST", "/agent/session/delegate", {name: value for name, value in asked.items() if value is not None}, key=key)
        below = Agent(self.transport.url, None, agent_id, opened["user_id"], retry=self.transport.retry, token=opened["token"])
        below.session = opened
        return below

    def tree(self):
        return self.request("GET", "/agent/session/tree")

    def status(self):
        return self.request("GET", "/agent/flow/status")

    def consents(self) -> Iterator[types.ConsentData]:
        return self._pages("/agent/consents")

    def withdraw(self, consent_id, key=None):
        return self.request("DELETE", f"/agent/consents/{_id(consent_id)}", key=key)

    def history(self, **filters) -> Iterator[types.AuditEntryData]:
        return self._pages("/agent/audit/history", filters)

    def follow(self, action, words=None):
        """
        Does one of next_actions: its own key, its body as far as it is prefilled, and of `words` what the body's schema asks for. It waits until the
        action would succeed.
        """
        if "not_before" in action:
            wait = datetime.strptime(action["not_before"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp() - time.time()
            if wait > self.transport.retry.deadline:
                raise TimeoutError(f"{action['action']} would succeed at {action['not_before']}.")
            self.transport.sleep(max(0, wait))
        if action["action"] == "auth":
            return self.open()
        body = action.get("body")
        if "schema_ref" in action:
            asked = (self.request("GET", action["schema_ref"]["url"]))["schema"].get("properties", {})
            body = {**{name: value for name, value in (words or {}).items() if name in asked}, **(body or {})}
        return self.request(action["method"], action["endpoint"], body, action.get("params"), action.get("idempotency_key"))

    def _pages(self, path, query=None):
        return pages(lambda part: self.request("GET", path, query=part), query or {})


def pages(get, query, limit=100):
    """All items of a list, page after page: by cursor where the list has one, else by offset. A list's reply has one list."""
    asked = {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items() if value is not None}
    part = {"limit": limit, **asked}
    while True:
        page = get(part)
        items = next(value for value in page.values() if isinstance(value, list))
        for item in items:
            yield item
        if "next_cursor" in page:
            if page["next_cursor"] is None:
                return
            part = {**part, "cursor": page["next_cursor"]}
            part.pop("offset", None)
        elif "offset" in page and len(items) == page["limit"]:
            part = {**part, "offset": page["offset"] + len(items)}
        else:
            return


def _id(text):
    return quote(str(text), safe=":")


def _is_test(credential):
    """Keys for tests begin so; tokens name their tenant before a tilde."""
    return credential.startswith(("test_", "agk2_test_")) or bool(re.match(r"agt_[a-z0-9-]+_t[0-9]+~", credential))


def agent_of(key):
    """An agent's own key is agk2_live_TENANT.AGENT.RANDOM.CODE; an agent's id may have dots."""
    parts = (key or "").split(".")
    return ".".join(parts[1:-2]) if len(parts) >= 4 and parts[0].startswith("agk2_") else None


def tenant_of(key):
    return key.split(".")[0].split("_", 2)[-1] if agent_of(key) else "default"

"""A command on standard input: the client for Python signs its requests."""
import json
import sys

from agora import Agent
from agora.sealed import KeyRing

asked = json.load(sys.stdin)
ring, url = KeyRing.load(asked["ring"]), asked["url"]
own = Agent(url=url, keys=ring)
status = own.request("POST", f"/agents/{ring.agent}/heartbeat", {"lease_seconds": 60})["status"]
with Agent(url=url, key=asked["key"], user_id=asked["user"], scopes={"budget_limit_cents": 1}, keys=ring) as agent:
    acts_as = agent.request("GET", "/agent/session/tree", query={"schemas": "full"})["tree"]["agent_id"]
sent = {"Idempotency-Key": "once"}
print(json.dumps({"status": status, "acts_as": acts_as, "headers": {**sent, **ring.sign_request("POST", asked["called"], asked["body"].encode(), "session-1", headers=sent)}}))

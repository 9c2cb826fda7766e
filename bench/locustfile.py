"""
Agents that search, look where they stand and buy runs, by locust (Debian: apt-get install python3-locust):

    AGENT_API_KEY=… AGORA_ADMIN_KEY=… locust -f bench/locustfile.py --headless --host http://127.0.0.1:8080 --users 50 --spawn-rate 10 --run-time 30s

The keys are a platform key and an operator's: every agent gets a session and a wallet of its own, from which it pays. SERVICE is what they buy (text-keywords, of the demo), INPUT its input,
in which {n} is a number that no other run has. The server needs settings for such load, and its money is spent: docs/scaling.md#load-a-server-of-your-own. Locust ends with 1 where any request was refused.
"""

import itertools
import os
import uuid

from locust import FastHttpUser, constant, task

SERVICE = os.environ.get("SERVICE", "text-keywords")
INPUT = os.environ.get("INPUT", '{"text":"Agents buy runs of services, run number {n}."}')
PLATFORM, ADMIN = os.environ["AGENT_API_KEY"], os.environ["AGORA_ADMIN_KEY"]
_numbers = itertools.count()


class BuyingAgent(FastHttpUser):
    wait_time = constant(0)

    def on_start(self):
        name = f"load-{uuid.uuid4().hex[:12]}"
        self._send(f"/admin/wallets/agent:{name}/deposit", {"amount_cents": 1_000_000}, ADMIN, "deposit")
        scopes = {"allowed_categories": ["*"], "budget_limit_cents": 1_000_000}
        self.token = self._send("/agent/auth", {"agent_id": name, "user_id": name, "scopes": scopes}, PLATFORM, "auth").json()["data"]["token"]

    @task(6)
    def buy(self):
        body = f'{{"input":{INPUT.replace("{n}", str(next(_numbers)))},"pay_with":"wallet","max_price_cents":100}}'
        self._send(f"/agent/services/{SERVICE}/run", body, self.token, "run")

    @task(3)
    def search(self):
        self.client.get("/agent/services?q=text", headers=self._headers(self.token), name="search")

    @task(1)
    def status(self):
        self.client.get("/agent/flow/status", headers=self._headers(self.token), name="status")

    def _send(self, path, body, key, name):
        headers = {**self._headers(key), "Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
        return self.client.post(path, headers=headers, name=name, **({"data": body} if isinstance(body, str) else {"json": body}))

    @staticmethod
    def _headers(key):
        return {"Authorization": f"Bearer {key}"}

"""Against a server: CLIENT_TEST_URL, CLIENT_TEST_KEY (the platform key) and CLIENT_TEST_ADMIN_KEY, with the demo's catalogue."""

import os
import socket
import threading
import time
import unittest
import uuid

import agora
from democratic_ai import ActionAmbiguous, ActionNotFound, DemocraticAIClient

URL, KEY, ADMIN = (os.environ.get(name) for name in ("CLIENT_TEST_URL", "CLIENT_TEST_KEY", "CLIENT_TEST_ADMIN_KEY"))
TEXT = {"text": "Agora runs services. Sponsors pay for them. Nothing acknowledged is lost.", "sentences": 1}
COFFEE = {"cups_per_day": 2, "place": "home", "favourite_times": ["morning"], "comment": "Black, in a large cup."}
SCOPES = {**agora.ALL_SCOPES, "allowed_payees": ["*"], "budget_limit_cents": 100}


class LossyProxy:
    """Passes connections on, and of the next `lose` replies nothing: the server has done what it was asked, and the caller does not know."""

    def __init__(self, url):
        host, port = url.split("//")[1].split(":")
        self.lose, self._listener = 0, socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, args=((host, int(port)),), daemon=True).start()

    def _accept(self, target):
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self._pass, args=(near, target), daemon=True).start()

    def _pass(self, near, target):
        with near, socket.create_connection(target) as far:
            threading.Thread(target=self._copy, args=(near, far), daemon=True).start()
            reply = b""
            while True:
                part = far.recv(65536)
                reply += part
                if not part:
                    break
            lost, self.lose = self.lose > 0, max(0, self.lose - 1)
            if not lost:
                near.sendall(reply)
            near.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _copy(near, far):
        try:
            while True:
                part = near.recv(65536)
                if not part:
                    return
                far.sendall(part.replace(b"keep-alive", b"close"))  # A reply is whole when its connection ends.
        except OSError:
            pass

    def close(self):
        self._listener.close()


@unittest.skipUnless(URL, "CLIENT_TEST_URL names no server")
class LiveTests(unittest.TestCase):
    def agent(self, url=URL, **settings):
        name = uuid.uuid4().hex[:12]
        agent = agora.Agent(url, KEY, f"py-agent-{name}", f"py-user-{name}", settings.pop("scopes", SCOPES), **settings)
        return agent

    def operator(self):
        return agora.Operator(URL, ADMIN)

    def sponsored(self, **settings):
        agent = self.agent(**settings)
        agent.complete("morning-coffee-survey", COFFEE, ["data_sharing"])
        return agent

    def test_the_whole_flow(self):
        agent = self.agent()
        self.assertIn("text-summary", [service["service_id"] for service in agent.services("summary")])
        task = next(task for task in agent.tasks() if task["campaign_id"] == "morning-coffee-survey")
        self.assertIn("data_sharing", agent.task(task["campaign_id"])["task"]["consents"])
        done = agent.complete(task["campaign_id"], COFFEE, ["data_sharing"])
        self.assertIn("text-summary", done["unlocked_services"])
        run = agent.run("text-summary", TEXT)
        self.assertEqual(("succeeded", 2, "sponsor"), (run["state"], run["payment"]["amount_cents"], run["payment"]["source"]))
        token, claims = agent.receipt(run["run_id"])
        self.assertEqual((run["run_id"], 20_000), (claims["run_id"], claims["amount_micros"]))
        self.assertEqual(claims, agora.verify_receipt(token, agent.jwks()))
        self.assertEqual([run["run_id"]], [one["run_id"] for one in agent.runs()])
        self.assertEqual(1, len(list(agent.consents())))
        self.assertIn("run_service", [entry["operation"] for entry in agent.history(limit=2)])
        self.assertEqual(98, agent.status()["budget"]["remaining_cents"])
        self.assertTrue(agent.next_actions)
        agent.close()

    def test_lists_are_iterated_page_after_page(self):
        agent = self.agent()
        everything = [service["service_id"] for service in agent.services()]
        self.assertEqual(everything, [service["service_id"] for service in agent.services(limit=1)])
        for _ in range(3):
            agent.status()
        whole = [entry["id"] for entry in self.operator().all("/admin/audit", agent_id=agent.agent_id)]
        self.assertEqual(whole, [entry["id"] for entry in self.operator().all("/admin/audit", agent_id=agent.agent_id, limit=1)])
        self.assertGreaterEqual(len({*everything}), 4)

    def test_lost_replies_are_charged_once(self):
        agent, proxy = self.sponsored(), LossyProxy(URL)
        self.addCleanup(proxy.close)
        agent.transport.url, proxy.lose = proxy.url, 2
        run = agent.run("text-summary", TEXT)
        self.assertTrue(run.replayed)
        payments = list(self.operator().all("/admin/payments", agent_id=agent.agent_id))
        self.assertEqual([run["run_id"]], [payment["run_id"] for payment in payments])

    def test_a_run_that_goes_on_is_waited_for(self):
        agent = self.sponsored()
        begun = agent.run("text-summary", TEXT, wait=0)
        run = agent.wait_for(begun["run_id"])
        self.assertEqual("succeeded", run["state"])

    def test_money_goes_from_wallet_to_wallet(self):
        agent, payee = self.agent(), self.agent()
        payee.open()
        wallet = f"agent:{agent.agent_id}"
        self.operator().request("POST", f"/admin/wallets/{wallet}/deposit", {"amount_cents": 10})
        paid = agent.transfer(f"agent:{payee.agent_id}", 2.5, "for the text")
        if paid["state"] == "pending":
            paid = agent.wait_for(paid["transfer_id"])
        self.assertEqual("succeeded", paid["state"])
        self.assertEqual("7.5", str(agent.wallet()["balance_cents"]))
        self.assertEqual(2, len(list(agent.statement(limit=1))))

    def test_a_session_that_is_over_is_opened_again(self):
        # Long enough for the requests that follow on a loaded machine: a session that ends before its first request is opened again once only.
        agent = self.agent(expires_in_seconds=10)
        first = agent.open()["session_id"]
        while agent.session["session_id"] == first:
            time.sleep(0.5)
            agent.status()
        self.assertNotEqual(first, agent.status()["session"]["session_id"])

    def test_what_is_delegated_is_narrower_and_ends_with_its_session(self):
        agent = self.agent()
        with agent.delegate("py-below", {"budget_limit_cents": 10}) as below:
            self.assertEqual(10, below.status()["budget"]["limit_cents"])
            self.assertEqual(2, agent.tree()["node_count"])
        agent.close()

    def test_refusals_are_typed(self):
        agent = self.agent()
        with self.assertRaises(agora.InvalidRequest) as invalid:
            agent.run("text-summary", {"text": 1})
        self.assertIn("/input/text", [one["path"] for one in invalid.exception.details])
        with self.assertRaises(agora.PaymentRequired) as unpaid:
            agent.run("text-summary", TEXT)
        self.assertTrue(unpaid.exception.next_actions)
        self.assertTrue(unpaid.exception.request_id)
        with self.assertRaises(agora.NotFound):
            agent.run("no-such-service", TEXT)
        with self.assertRaises(agora.AuthenticationError):
            agora.Agent(URL, "wrong", "a", "u").open()

    def test_next_actions_lead_to_a_paid_run(self):
        agent, words, told = self.agent(), {"output": COFFEE, "consents": [{"type": "data_sharing", "granted": True}], "input": TEXT}, {}
        agent.task("morning-coffee-survey")
        for _ in range(8):
            told.update(agent.follow(agent.next_actions[0], words))
            if "payment" in told:
                break
        self.assertEqual("succeeded", told["state"])

    def test_an_action_is_resolved_and_run(self):
        name = uuid.uuid4().hex[:12]
        with DemocraticAIClient(api_key=KEY, base_url=URL, agent_id=f"py-agent-{name}", user_id=f"py-user-{name}", budget_limit_cents=100) as client:
            client.agent.complete("morning-coffee-survey", COFFEE, ["data_sharing"])
            run = client.execute(action="text.summarize", payload={"text": TEXT["text"], "max_length": 40})
            self.assertEqual("text-summary", run["service_id"])
            self.assertLessEqual(len(run["output"]["summary"]), 40)
            with self.assertRaises(ActionNotFound):
                client.execute("video.transcode", {})
            with self.assertRaises(ActionAmbiguous):
                client.execute("summary", {"text": TEXT["text"], "sentences": 2})

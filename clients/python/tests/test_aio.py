"""
The async forms, which need the package httpx. Against a server: CLIENT_TEST_URL, CLIENT_TEST_KEY (the platform key) and CLIENT_TEST_ADMIN_KEY, with the demo's catalogue. What they share with the blocking forms, which are made of them, is
tested there; this tests what differs: the transport, the streams, and what goes on at once.
"""

import ast
import asyncio
import contextlib
import importlib
import io
import os
import sys
import tempfile
import threading
import types
import unittest
import uuid
from unittest import mock

import agora
import agora.doing
from democratic_ai import ActionNotFound, DemocraticAIClient

from .extras import HTTPX, SEALING
from .scripted import LOST, Scripted, ok
from .test_live import COFFEE, SCOPES, TEXT, LossyProxy
from .test_peer import Replayed

URL, KEY, ADMIN = (os.environ.get(name) for name in ("CLIENT_TEST_URL", "CLIENT_TEST_KEY", "CLIENT_TEST_ADMIN_KEY"))
if HTTPX:
    from agora import aio

    import democratic_ai.aio

# As the platform's document has it, but for the key.
SEED = '''
from democratic_ai import DemocraticAIClient

async with DemocraticAIClient(api_key="your-api-key") as client:
    result = await client.execute(
        action="text.summarize",
        payload={"text": "長いテキスト...", "max_length": 100}
    )
    print(result)
'''


@unittest.skipUnless(HTTPX, "httpx is not here")
class AsyncTransportTests(unittest.IsolatedAsyncioTestCase):
    async def send(self, *answers, method="POST", **retry):
        self.server, self.slept = Scripted(*answers), []
        self.addCleanup(self.server.close)
        now = [0.0]

        async def sleep(seconds):
            self.slept.append(seconds)
            now[0] += seconds

        self.transport = aio.Transport(self.server.url, agora.Retry(**retry), clock=lambda: now[0], sleep=sleep)
        self.addAsyncCleanup(self.transport.close)
        return await self.transport.send(method, "/x", "t", {"a": 1} if method == "POST" else None, query={"q": "a b/ü"})

    async def test_a_lost_reply_is_asked_again_under_the_same_key(self):
        self.assertEqual(1, (await self.send(LOST, LOST, ok(a=1)))["a"])
        self.assertEqual((1, 3, 2), (len(set(self.server.keys)), len(self.server.keys), len(self.slept)))

    async def test_what_is_sent_is_what_the_blocking_form_sends(self):
        await self.send(ok())
        other = Scripted(ok())
        self.addCleanup(other.close)
        agora.transport.Transport(other.url).send("POST", "/x", "t", {"a": 1}, {"q": "a b/ü"}, key=self.server.keys[0])
        self.assertEqual(other.seen, self.server.seen)

    async def test_a_reply_without_end_is_cut_off_and_none(self):
        with mock.patch("agora.aio.transport.MAX_REPLY_BYTES", 20), self.assertRaises(agora.NoAnswer):
            await self.send(ok(a="long"), attempts=1)

    async def test_a_redirect_is_not_followed(self):
        with self.assertRaises(agora.AgoraError):
            await self.send((302, b"{}"))
        self.assertEqual(1, len(self.server.seen))

    async def test_a_server_that_is_away_is_no_answer_and_a_closed_transport_opens_again(self):
        away = aio.Transport("http://127.0.0.1:1", agora.Retry(attempts=1))
        with self.assertRaises(agora.NoAnswer):
            await away.send("GET", "/x")
        await self.send(ok(), ok(a=2), method="GET")
        await self.transport.close()
        self.assertEqual(2, (await self.transport.send("GET", "/x"))["a"])

    async def test_a_stream_is_read_whole_wherever_its_bytes_are_parted_and_line_separators_of_unicode_part_nothing(self):
        stream = "id: 1\ndata: \"a\u2028b\"\n\n: hello\n\nid: 2\ndata: {\"n\":\ndata: 2}\n\nid: 3\ndata: 3\n".encode()
        for cut in range(len(stream)):
            read = agora.wire.EventReader()
            self.assertEqual([("1", "a\u2028b"), ("2", {"n": 2})], [*read.take(stream[:cut]), *read.take(stream[cut:])])

    async def test_a_stream_that_waits_ends_when_its_event_is_set(self):
        replayed = Replayed(b"id: 1\ndata: 1\n\n", 15, broken=True)  # The chunk's last byte never comes.
        self.addCleanup(replayed.close)
        transport, ended, heard = aio.Transport(replayed.url), asyncio.Event(), []
        async for event in transport.events("/x", "t", ended=ended):
            heard.append(event)
            ended.set()
        await transport.close()
        self.assertEqual([("1", 1)], heard)


@unittest.skipUnless(HTTPX, "httpx is not here")
@unittest.skipUnless(URL, "CLIENT_TEST_URL names no server")
class AsyncLiveTests(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.mark, self.operator = uuid.uuid4().hex[:10], agora.Operator(URL, ADMIN)

    def key_of(self, agent):
        self.operator.request("PUT", f"/admin/agents/{agent}", {})
        return self.operator.request("POST", f"/admin/agents/{agent}/keys", {})["key"]

    def agent(self, url=URL, **settings):
        return aio.Agent(url, KEY, f"aio-agent-{self.mark}", f"aio-user-{self.mark}", SCOPES, **settings)

    def peer(self, name, **settings):
        return aio.Peer(URL, self.key_of(f"{name}-{self.mark}"), **settings)

    async def test_the_seeds_own_text_runs(self):
        user, agent = f"seed-user-{self.mark}", f"seed-agent-{self.mark}"
        self.operator.request("PUT", f"/admin/users/{user}", {"attributes": {}})
        self.operator.request("PUT", f"/admin/users/{user}/grants/{agent}", {"scopes": {**agora.ALL_SCOPES, "budget_limit_cents": 100}})
        key = self.key_of(agent)
        async with aio.Agent(URL, key, user_id=user) as doing:
            await doing.complete("morning-coffee-survey", COFFEE, ["data_sharing"])  # A sponsor pays for what follows.
        text, printed = SEED.replace("your-api-key", key), io.StringIO()
        with mock.patch.dict(os.environ, {"AGENT_API_URL": URL, "AGENT_USER_ID": user}), contextlib.redirect_stdout(printed):
            names = {}
            await eval(compile(text, "seed", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        result = names["result"]
        self.assertEqual(("text-summary", "succeeded", "長いテキスト..."), (result["service_id"], result["state"], result["output"]["summary"]))
        self.assertIn("'sponsor'", printed.getvalue())

    async def test_one_client_waits_for_nothing_while_another_runs(self):
        async with self.agent() as agent:
            await agent.complete("morning-coffee-survey", COFFEE, ["data_sharing"])
            runs = await asyncio.gather(*(agent.run("text-summary", {**TEXT, "sentences": n}) for n in (1, 2)))
            self.assertEqual(["succeeded"] * 2, [run["state"] for run in runs])
            token, claims = await agent.receipt(runs[0]["run_id"])
            self.assertEqual(claims, agora.verify_receipt(token, await agent.jwks()))
            self.assertEqual({run["run_id"] for run in runs}, {run["run_id"] async for run in agent.runs()})
            self.assertEqual(96, (await agent.status())["budget"]["remaining_cents"])
            async with await agent.delegate("aio-below", {"budget_limit_cents": 10}) as below:
                self.assertEqual(10, (await below.status())["budget"]["limit_cents"])
        everything = [entry["id"] for entry in self.operator.all("/admin/audit", agent_id=agent.agent_id)]
        async with aio.Operator(URL, ADMIN) as operator:
            self.assertEqual(everything, [entry["id"] async for entry in operator.all("/admin/audit", agent_id=agent.agent_id, limit=2)])

    async def test_lost_replies_are_charged_once(self):
        proxy = LossyProxy(URL)
        self.addCleanup(proxy.close)
        async with self.agent() as agent:
            await agent.complete("morning-coffee-survey", COFFEE, ["data_sharing"])
            await agent.transport.close()
            agent.transport.url, proxy.lose = proxy.url, 2
            run = await agent.run("text-summary", TEXT)
            self.assertTrue(run.replayed)
            agent.transport.url = URL
        self.assertEqual([run["run_id"]], [payment["run_id"] for payment in self.operator.all("/admin/payments", agent_id=agent.agent_id)])

    async def test_actions_are_resolved(self):
        async with DemocraticAIClient(KEY, URL, f"aio-user-{self.mark}", f"aio-agent-{self.mark}", 100, agora.Retry(attempts=3)) as client:
            self.assertIsInstance(client, democratic_ai.aio.DemocraticAIClient)
            self.assertEqual((100, 3), (client.agent.scopes["budget_limit_cents"], client.agent.transport.retry.attempts))
            self.assertEqual("text-summary", (await client.resolve("text.summarize", {"text": "t", "max_length": 40}))["service_id"])
            with self.assertRaises(ActionNotFound):
                await client.execute("video.transcode", {})

    async def test_peers_ask_and_answer_in_parts_at_once(self):
        async with self.peer("a") as a, self.peer("b") as b:
            talk = (await a.open(b.agent_id))["conversation_id"]
            await b.join(talk)

            async def count():
                return [part["content"] async for part in a.ask_in_parts(talk, "count")]

            counting = asyncio.ensure_future(count())
            async for entry in b.inbox():
                if entry["kind"] == "message":
                    await b.reply_in_parts(entry, [1, 2, 3])
                    break
            self.assertEqual([1, 2, 3], await counting)
            self.assertEqual(["count", 1, 2, 3], [entry["content"] async for entry in a.messages(talk) if entry["kind"] == "message"])

    async def test_an_inbox_ends_when_it_is_told_to_and_goes_on_from_its_cursor(self):
        async with self.peer("a") as a, self.peer("b") as b:
            talk = (await a.open(b.agent_id))["conversation_id"]
            await a.say(talk, "first")
            ended, heard = asyncio.Event(), []
            async for entry in b.inbox(ended=ended):
                heard.append(entry)
                ended.set()
            self.assertEqual(1, len(heard))
            async with aio.Peer(URL, b.key, cursor=b.cursor) as again:
                self.assertNotIn(heard[0]["number"], [entry["number"] async for entry in again.inbox(wait=False)])

    async def test_async_functions_are_offered_and_paid(self):
        async with self.peer("b") as seller:
            @agora.service(f"half-{self.mark}", category="text", provider=f"agent:{seller.agent_id}", price_cents=4)
            async def half(n: int) -> int:
                """Half of an even number."""
                await asyncio.sleep(0)
                if n % 2:
                    raise agora.Refused("It is odd.")
                return n // 2

            self.operator.put_service(half.service_id, half.definition(f"agent:{seller.agent_id}"))
            self.operator.request("POST", f"/admin/wallets/agent:aio-agent-{self.mark}/deposit", {"amount_cents": 100})
            ended = asyncio.Event()
            selling = asyncio.ensure_future(seller.offer(half, ended=ended))
            async with self.agent(retry=agora.Retry(new_keys=0)) as buyer:
                self.assertEqual(3, (await buyer.run(half.service_id, {"n": 6}, max_price_cents=4))["output"])
                with self.assertRaises(agora.ServiceFailed):
                    await buyer.run(half.service_id, {"n": 7}, max_price_cents=4)
            ended.set()
            await selling

    @unittest.skipUnless(SEALING, "cryptography 42 is not here")
    async def test_signed_requests_carry_sealed_words(self):
        with tempfile.TemporaryDirectory() as folder:
            async with self.peer("a", seal=True, sign=True, keys_path=f"{folder}/a") as a, self.peer("b", seal=True, keys_path=f"{folder}/b") as b:
                await b.register(description="Listens")
                talk = (await a.open(b.agent_id))["conversation_id"]
                await b.join(talk)
                for content in ({"rate": 7}, 8):
                    await a.say(talk, content)
                    heard = [entry async for entry in b.inbox(wait=False) if entry["kind"] == "message"]
                    self.assertEqual((content, True), (heard[-1]["content"], heard[-1]["sealed"]))
                    await a.rotate_signing_key()


@unittest.skipUnless(HTTPX, "httpx is not here")
class AsyncAgentTests(unittest.IsolatedAsyncioTestCase):
    async def test_a_client_that_opened_no_session_closes_its_connections(self):
        server = Scripted((200, {"keys": []}))
        self.addCleanup(server.close)
        async with aio.Agent(server.url, "agt_reader.1.x") as agent:
            await agent.jwks()
            self.assertIsNotNone(agent.transport._client)
        self.assertIsNone(agent.transport._client)


class DoingTests(unittest.TestCase):
    """Without httpx too: it is not the client, but how work goes on beside it."""

    def setUp(self):
        with mock.patch.dict(sys.modules, {} if HTTPX else {"httpx": types.ModuleType("httpx")}):
            self.doing = importlib.import_module("agora.aio.doing")

    def test_answers_that_are_lost_are_logged_and_the_others_end(self):
        ended = []

        async def answer(n):
            await asyncio.sleep(0)
            if n == 0:
                raise ValueError("lost")
            await asyncio.sleep(0)
            ended.append(n)

        async def offer():
            async with self.doing.Workers(4) as pool:
                for n in range(3):
                    await pool.submit(answer, n)

        with self.assertLogs("agora", "ERROR") as logged:
            asyncio.run(offer())
        self.assertEqual([1, 2], ended)
        self.assertIn("ValueError: lost", logged.output[0])

    def test_the_blocking_form_logs_them_likewise(self):
        with self.assertLogs("agora", "ERROR") as logged, agora.doing.Workers(2) as pool:
            pool.submit(int, "lost")
        self.assertIn("invalid literal", logged.output[0])

    def test_a_lock_that_is_made_before_the_event_loop_serves_it(self):
        lock, held = self.doing.Lock(), []

        async def hold(n):
            async with lock:
                held.append(n)
                await asyncio.sleep(0)
                self.assertEqual(n, held[-1])

        async def both():
            await asyncio.gather(*(hold(n) for n in range(3)))

        asyncio.run(both())
        self.assertEqual([0, 1, 2], held)

    def test_work_that_does_not_end_is_left_behind(self):
        """Such as a heartbeat that is tried again while the server is away."""
        end = threading.Event()
        self.addCleanup(end.set)
        with mock.patch("agora.doing.JOIN_SECONDS", 0.01, create=True):
            joining = threading.Thread(target=agora.doing.joined, args=(agora.doing.begin(end.wait),), daemon=True)
            joining.start()
            joining.join(60)
        self.assertFalse(joining.is_alive())


class AsyncServiceTests(unittest.TestCase):
    def test_an_async_function_and_an_async_generator_are_services(self):
        @agora.service("twice", category="text", provider="p", price_cents=1)
        async def twice(n: int) -> int:
            await asyncio.sleep(0)
            return 2 * n

        @agora.service("up-to", category="text", provider="p", price_cents=1)
        async def up_to(n: int):
            for one in range(n):
                await asyncio.sleep(0)
                yield one

        self.assertEqual((6, [0, 1, 2]), (twice.run({"n": 3}, None), list(up_to.run({"n": 3}, None))))
        self.assertEqual((False, True), (twice.streams, up_to.streams))


if __name__ == "__main__":
    unittest.main()

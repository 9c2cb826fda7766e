"""Agents among agents, against a server: CLIENT_TEST_URL and CLIENT_TEST_ADMIN_KEY."""

import importlib.util
import os
import tempfile
import threading
import time
import unittest
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import agora
from agora.peer import message_id_now

from .scripted import Scripted

URL, ADMIN = (os.environ.get(name) for name in ("CLIENT_TEST_URL", "CLIENT_TEST_ADMIN_KEY"))


class MessageIdTests(unittest.TestCase):
    def test_it_is_a_uuid_of_version_7_that_says_when_it_was_made(self):
        made = uuid.UUID(message_id_now())
        self.assertEqual((7, uuid.RFC_4122), (made.version, made.variant))
        self.assertAlmostEqual(time.time(), (made.int >> 80) / 1000, delta=5)
        self.assertEqual(1000, len({message_id_now() for _ in range(1000)}))


class Replayed:
    """Serves a recorded stream behind the event that is named: the first connection as far as the cut, each other whole. broken: the connection breaks in the middle of a chunk; else it ends in order."""

    def __init__(self, stream, cut, broken):
        self.connections, replayed = 0, self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                last = self.headers.get("Last-Event-ID")
                at = 0 if last is None else stream.index(b"\n\n", stream.index(f"id: {last}\n".encode())) + 2
                replayed.connections += 1
                first = replayed.connections == 1
                part = stream[:cut] if first else stream[at:]
                self.send_response(200)
                self.send_header("Content-Type", "text/event-stream")
                self.send_header("Transfer-Encoding", "chunked")
                self.end_headers()
                self.wfile.write(b"%x\r\n%s" % (len(part) + 1, part) if first and broken else b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part) if part else b"0\r\n\r\n")
                self.close_connection = True

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class StreamEndTests(unittest.TestCase):
    def peer(self, url):
        peer, self.waits, self.time = agora.Peer(url, "agk2_live_default.a.b.c"), [], 0.0
        peer.transport.clock = lambda: self.time

        def sleep(seconds):
            self.waits.append(seconds)
            self.time += seconds

        peer.transport.sleep = sleep
        return peer

    def test_a_refusal_ends_it_and_so_does_a_server_that_is_away_for_longer_than_the_deadline(self):
        refused = Scripted((401, "unauthorized"))
        self.addCleanup(refused.close)
        with self.assertRaises(agora.AuthenticationError):
            next(self.peer(refused.url).inbox())
        with self.assertRaises(agora.NoAnswer):
            next(self.peer("http://127.0.0.1:1").inbox())
        self.assertTrue(120 <= self.time < 128 and self.waits[-1] > 8 * self.waits[0])


@unittest.skipUnless(URL, "CLIENT_TEST_URL names no server")
class PeerTests(unittest.TestCase):
    def setUp(self):
        self.operator, self.mark = agora.Operator(URL, ADMIN), uuid.uuid4().hex[:10]
        self.keys = {name: self.begin(f"{name}-{self.mark}") for name in ("a", "b", "c")}
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def begin(self, agent):
        self.operator.request("PUT", f"/admin/agents/{agent}", {})
        return self.operator.request("POST", f"/admin/agents/{agent}/keys", {})["key"]

    def sealed(self, name, **settings):
        return self.peer(name, seal=True, keys_path=os.path.join(self.folder.name, name), **settings)

    def peer(self, name, **settings):
        return agora.Peer(URL, self.keys[name], **settings)

    def test_what_is_said_is_heard_in_order_and_a_kept_cursor_goes_on(self):
        a, b = self.peer("a"), self.peer("b")
        talk = a.open(f"b-{self.mark}", topic="Numbers")["conversation_id"]
        b.join(talk)
        for n in range(5):
            a.say(talk, n)
        heard = []
        for entry in b.inbox():
            if entry["kind"] == "message":
                heard.append(entry["content"])
            if len(heard) == 5:
                break
        self.assertEqual([0, 1, 2, 3, 4], heard)
        again = [entry["content"] for entry in self.peer("b", cursor=b.cursor).inbox(wait=False) if entry["kind"] == "message"]
        self.assertEqual([4], again)  # Who took the last one never said so.

    def test_a_message_under_an_id_is_said_once_and_so_is_a_reply(self):
        a, b = self.peer("a"), self.peer("b")
        talk, once = a.open(f"b-{self.mark}")["conversation_id"], message_id_now()
        self.assertEqual(a.say(talk, "x", once)["number"], a.say(talk, "x", once)["number"])
        said = next(entry for entry in b.inbox() if entry["kind"] == "message")
        first = b.reply(said, "y")
        self.assertEqual((first["number"], True), ((again := b.reply(said, "y"))["number"], again.replayed))

    def test_a_request_without_a_reply_in_time_is_unanswered(self):
        a, b = self.peer("a"), self.peer("b")
        with self.assertRaises(agora.Unanswered):
            a.ask(self.between(a, b), "?", within=1)

    def between(self, one, other):
        talk = one.open(other.agent_id)["conversation_id"]
        other.join(talk)
        return talk

    def next(self, peer):
        return next(entry for entry in peer.inbox() if entry["kind"] == "message")

    def test_a_stream_that_is_cut_at_any_byte_loses_nothing_and_repeats_nothing(self):
        a, b = self.peer("a"), self.peer("b")
        talk = self.between(a, b)
        last = [a.say(talk, f"{n}: ü, 日本\n")["number"] for n in range(3)][-1]
        stream = self.recorded(b, last)
        whole = [(entry["number"], entry["kind"]) for entry in b.inbox(wait=False)]
        self.assertEqual(stream.count(b"id: "), len(whole))
        for cut in range(0, len(stream), 3):
            replayed = Replayed(stream, cut, broken=cut % 2 == 0)
            peer = agora.Peer(replayed.url, "agk2_live_default.a.b.c")
            peer.transport.sleep = lambda seconds: None
            told = [(entry["number"], entry["kind"]) for _, entry in zip(whole, peer.inbox())]
            self.assertEqual((whole, 2), (told, replayed.connections), f"cut at {cut}")
            replayed.close()

    def recorded(self, peer, last):
        """What the server sends up to the entry of this number."""
        asked = urllib.request.Request(f"{URL}/agent/inbox", headers={"Accept": "text/event-stream", "Authorization": f"Bearer {peer.key}"})
        text = b""
        with urllib.request.urlopen(asked) as response:
            while not (f'"number":{last},'.encode() in text and text.endswith(b"\n\n")):
                text += response.readline()
        return text

    def test_an_inbox_that_waits_ends_when_it_is_told_to(self):
        peer, ended, heard = self.peer("a"), threading.Event(), []
        talk = peer.open(f"b-{self.mark}")["conversation_id"]
        peer.say(talk, "a word")
        other = self.peer("b")
        waiting = threading.Thread(target=lambda: [heard.append(entry) or ended.set() for entry in other.inbox(ended=ended)], daemon=True)
        waiting.start()
        waiting.join(10)  # The server has a sign of life only each 15 s.
        self.assertFalse(waiting.is_alive())
        self.assertTrue(heard)

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_what_is_said_sealed_is_read_by_its_recipient_and_the_server_has_ciphertext(self):
        a, b = self.sealed("a"), self.sealed("b")
        talk = self.between(a, b)
        a.say(talk, {"secret_rate": 7})
        heard = self.next(b)
        self.assertEqual((True, {"secret_rate": 7}, a.agent_id), (heard["sealed"], heard["content"], heard["agent_id"]))
        carried = self.next(self.peer("b"))
        self.assertEqual("application/vnd.agora.sealed+json", carried["content_type"])
        self.assertNotIn("secret_rate", str(carried))
        self.assertIn({"secret_rate": 7}, [entry["content"] for entry in a.messages(talk)])

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_a_request_is_answered_in_parts_and_on_behalf_of_who_asked(self):
        a, b, c = self.sealed("a"), self.sealed("b"), self.sealed("c")
        ab, bc, parts = self.between(a, b), self.between(b, c), []
        asking = threading.Thread(target=lambda: parts.extend(a.ask_in_parts(ab, "count")), daemon=True)
        asking.start()
        request, helped = self.next(b), []
        helping = threading.Thread(target=lambda: helped.append(b.ask(bc, "help", on_behalf_of=request)), daemon=True)
        helping.start()
        served = self.next(c)
        self.assertEqual([a.agent_id], served["path"])
        c.reply(served, 3)
        helping.join(60)
        b.reply_in_parts(request, iter([1, 2, helped[0]["content"]]))
        asking.join(60)
        self.assertEqual([(1, True), (2, True), (3, True)], [(part["content"], part["sealed"]) for part in parts])

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_another_key_than_before_is_warned_of_and_closed_until_it_is_accepted_and_a_rotated_one_goes_on(self):
        from agora.sealed import KeyChanged, KeyRing

        warned, ring = [], KeyRing.create(f"b-{self.mark}")
        a, c = self.sealed("a"), self.sealed("c", key_changed=lambda *told: warned.append(told))
        ring.accept(KeyRing.create(a.agent_id).card)  # Of a somebody has seen a key that is none of its now.
        b = self.peer("b", seal=True, keys=ring, key_changed=lambda *told: warned.append(told))
        talk = self.between(a, b)
        a.say(talk, "hello")
        heard = self.next(b)
        self.assertEqual("key_changed", heard["unopened"])
        with self.assertRaises(KeyChanged):
            b.say(talk, "who are you?")
        self.assertEqual([(a.agent_id, False), (a.agent_id, False)], [(told[0], told[3]) for told in warned])
        b.accept(a.agent_id)
        b.reply(heard, "now I know")
        self.assertEqual("now I know", self.next(a)["content"])

        warned.clear()
        ac = self.between(a, c)
        c.say(ac, 1)
        a.rotate_signing_key()
        a.rotate_signing_key()
        a.say(ac, 2)
        self.assertEqual(2, self.next(c)["content"])
        self.assertEqual([(a.agent_id, True)], [(told[0], told[3]) for told in warned])

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_who_only_listens_has_the_key_of_the_day_too_and_signs_as_long_as_its_card_stands(self):
        from agora.sealed import KeyRing

        now = [time.time()]
        a, ring = self.peer("a"), KeyRing.create(f"b-{self.mark}", clock=lambda: now[0])
        b = self.peer("b", seal=True, keys=ring)
        talk = self.between(a, b)
        first = a.request("GET", f"/agents/{b.agent_id}")
        a.say(talk, "x")
        now[0] += 86_400
        self.next(b)
        then = a.request("GET", f"/agents/{b.agent_id}")
        self.assertEqual(first["signing_key"], then["signing_key"])
        self.assertNotEqual(first["encryption_key"], then["encryption_key"])

        now[0] = time.time()
        signing = agora.Peer(URL, keys=ring, sign=True)  # Without any API key.
        signing.say(talk, "signed")
        self.assertEqual("signed", self.next(a)["content"])
        signing.rotate_signing_key()
        self.assertEqual(ring.card.signing_key, a.request("GET", f"/agents/{b.agent_id}")["signing_key"]["x"])
        self.assertNotEqual(first["signing_key"]["x"], ring.card.signing_key)
        self.operator.request("POST", f"/admin/agents/{b.agent_id}/revoke-card", {"reason": "stolen"})
        with self.assertRaises(agora.AuthenticationError) as refused:
            signing.say(talk, "once more")
        self.assertEqual("revoked_key", refused.exception.details["fault"])

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_rotations_that_begin_while_the_card_is_put_wait_for_it_and_for_each_other(self):
        from agora.sealed import KeyRing

        a, ring, rotating = self.peer("a"), KeyRing.create(f"b-{self.mark}"), []
        self.peer("b", sign=True, keys=ring).register(description="First")
        b = agora.Peer(URL, keys=ring, sign=True)
        b.open(a.agent_id)
        put = b.request_of_card

        def meanwhile(method, body=None):
            if method == "PUT" and not rotating:
                rotating.extend(threading.Thread(target=b.rotate_signing_key, daemon=True) for _ in range(2))
                for thread in rotating:
                    thread.start()
            return put(method, body)

        b.request_of_card = meanwhile
        b.register(description="Then")
        for thread in rotating:
            thread.join(60)
        b.open(a.agent_id)
        stands = a.request("GET", f"/agents/{b.agent_id}")
        self.assertEqual((ring.card.signing_key, "Then", 2), (stands["signing_key"]["x"], stands["description"], len(stands["rotations"])))

    @unittest.skipUnless(importlib.util.find_spec("cryptography"), "cryptography is not here")
    def test_a_skill_serves_a_paid_run(self):
        seller = self.sealed("b")

        @agora.service(f"twice-{self.mark}", category="text", provider=f"agent:{seller.agent_id}", price_cents=4)
        def twice(n: int) -> int:
            """Twice a number."""
            return 2 * n

        seller.register(skills=[{"id": f"double-{self.mark}", "name": "Doubling", "description": "Doubles numbers"}])
        seller.heartbeat()
        self.operator.put_service(twice.service_id, twice.definition(f"skill:double-{self.mark}"))
        self.operator.request("POST", f"/admin/wallets/agent:a-{self.mark}/deposit", {"amount_cents": 100})
        self.operator.request("PUT", f"/admin/users/user-{self.mark}", {"attributes": {}})
        scopes = {**agora.ALL_SCOPES, "allowed_peers": [seller.agent_id], "budget_limit_cents": 50}
        self.operator.request("PUT", f"/admin/users/user-{self.mark}/grants/a-{self.mark}", {"scopes": scopes})
        ended = threading.Event()
        selling = threading.Thread(target=seller.offer, args=(twice,), kwargs={"ended": ended}, daemon=True)
        selling.start()
        with agora.Agent(URL, self.keys["a"], user_id=f"user-{self.mark}") as buyer:
            run = buyer.run(twice.service_id, {"n": 6}, max_price_cents=4)
        self.assertEqual((12, 4, seller.agent_id), (run["output"], run["payment"]["amount_cents"], run["served_by"]))
        ended.set()
        selling.join(30)
        self.assertFalse(selling.is_alive())

    def test_a_service_that_an_agent_offers_is_paid_refused_and_given_back(self):
        seller = f"b-{self.mark}"

        @agora.service(f"half-{self.mark}", category="text", provider=f"agent:{seller}", price_cents=4)
        def half(n: int) -> int:
            """Half of an even number."""
            if n == 13:
                raise RuntimeError("13")
            if n % 2:
                raise agora.Refused("It is odd.")
            return n // 2

        self.operator.put_service(half.service_id, half.definition(f"agent:{seller}"))
        self.operator.request("POST", f"/admin/wallets/agent:a-{self.mark}/deposit", {"amount_cents": 100})
        self.operator.request("PUT", f"/admin/users/user-{self.mark}", {"attributes": {}})
        self.operator.request("PUT", f"/admin/users/user-{self.mark}/grants/a-{self.mark}", {"scopes": {**agora.ALL_SCOPES, "budget_limit_cents": 50}})
        ended = threading.Event()
        selling = threading.Thread(target=self.peer("b").offer, args=(half,), kwargs={"ended": ended}, daemon=True)
        selling.start()
        with self.assertLogs("agora"), agora.Agent(URL, self.keys["a"], user_id=f"user-{self.mark}", retry=agora.Retry(new_keys=0)) as buyer:
            run = buyer.run(half.service_id, {"n": 6}, max_price_cents=4)
            self.assertEqual((3, 4), (run["output"], run["payment"]["amount_cents"]))
            for wrong in (7, 13):
                with self.assertRaises(agora.AgoraError) as refused:
                    buyer.run(half.service_id, {"n": wrong}, max_price_cents=4)
                self.assertEqual("upstream_failed", refused.exception.code)
            self.assertEqual(96, buyer.wallet()["available_cents"])
        ended.set()
        selling.join(30)
        self.assertFalse(selling.is_alive())


if __name__ == "__main__":
    unittest.main()

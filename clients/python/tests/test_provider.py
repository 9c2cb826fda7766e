import http.client
import json
import logging
import socket
import threading
import time
import unittest
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Annotated, Dict, Iterator, List, Literal, Optional
from unittest import mock

import agora
from agora.signatures import KeySet, why_not

from . import signing
from .scripted import Scripted

SEED = bytes(range(32))


@dataclass
class Part:
    word: str
    times: int = 1


@dataclass
class Counted:
    count: int
    words: List[str]


runs, cancelled, gate = [], [], threading.Event()


@agora.service("counter", category="text", provider="provider-c", price_cents=1)
def counter(parts: List[Part], mode: Literal["plain", "loud"] = "plain", note: Optional[str] = None, extra: Annotated[Optional[Dict[str, int]], "x"] = None) -> Counted:
    """Counts words."""
    runs.append([part.word for part in parts])
    if mode == "loud":
        raise agora.Refused("Not so loud.")
    if note == "later" and len(runs) == 1:
        raise agora.TryAgain()
    if note == "broken":
        raise RuntimeError("broken")
    if note == "wait":
        gate.wait(5)
    return Counted(sum(part.times for part in parts), [part.word for part in parts])


@agora.service("stream", category="text", provider="provider-c", price_cents=1)
def stream(most: int, breaks: bool = False) -> Iterator[int]:
    runs.append("stream")
    for number in range(most):
        yield number
    if breaks:
        raise RuntimeError("broken")


@agora.service("meter", category="text", provider="provider-c", max_price_cents=10)
def meter(call: agora.Call) -> agora.Metered:
    return agora.Metered({"most": call.max_cost_cents}, "1.5")


@counter.cancelled
def _(run):
    cancelled.append(run)


class KeySetTests(unittest.TestCase):
    def test_a_new_key_is_looked_up_and_made_up_names_ask_no_more_than_every_ten_seconds(self):
        old, new = (signing.public_of(seed) for seed in (SEED, bytes(32)))
        server, now = Scripted((200, {"keys": [signing.jwk_of(old)]}), (200, {"keys": [signing.jwk_of(old), signing.jwk_of(new)]})), [0.0]
        self.addCleanup(server.close)
        keys = KeySet(server.url, clock=lambda: now[0])
        self.assertEqual(old, keys.find(signing.jwk_of(old)["kid"]))
        self.assertEqual({None}, {keys.find(f"made-up-{number}") for number in range(20)})
        self.assertEqual(1, len(server.seen))
        now[0] = 10.0
        self.assertEqual((new, old), (keys.find(signing.jwk_of(new)["kid"]), keys.find(signing.jwk_of(old)["kid"])))
        self.assertEqual(2, len(server.seen))


class ProviderTests(unittest.TestCase):
    def setUp(self):
        runs.clear(), cancelled.clear(), gate.clear()
        self.server = agora.server(counter, stream, meter, verify=False)
        self.server.find = {signing.jwk_of(signing.public_of(SEED))["kid"]: signing.public_of(SEED)}.get
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def tearDown(self):
        self.server.shutdown()
        self.server.server_close()

    def call(self, service, value, run="run-1", method="POST", max_cost=None, **change):
        url = f"{self.server.url}/{service}"
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        headers = {**signing.call(SEED, url, body, run, int(time.time()), method, max_cost), **change}
        request = urllib.request.Request(url, body if method == "POST" else None, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=5) as response:
                return response.status, json.loads(response.read() or b"null"), response.headers
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, json.loads(refused.read() or b"null"), refused.headers

    def test_a_body_whose_end_two_readers_would_see_elsewhere_is_read_by_none(self):
        for lengths in ("Content-Length: 2\r\nTransfer-Encoding: chunked", "Content-Length: 2\r\nContent-Length: 30", "Content-Length: \u00b2", "Content-Length: +2", "Content-Length: " + "9" * 5000):
            with self.subTest(lengths[:40]), socket.create_connection(self.server.server_address, timeout=5) as sent:
                sent.sendall(f"POST /counter HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n{{}}POST /counter HTTP/1.1\r\n\r\n".encode("latin-1"))
                answer = b"".join(iter(lambda: sent.recv(65536), b""))
                self.assertEqual((b"411", 1), (answer.split()[1], answer.count(b"HTTP/1.1 ")))

    def test_what_follows_a_run_that_is_taken_back_is_no_request_of_its_own(self):
        self.server.find = None
        with socket.create_connection(self.server.server_address, timeout=5) as sent:
            hidden = b"DELETE /counter HTTP/1.1\r\nHost: x\r\nIdempotency-Key: hidden\r\n\r\n"
            sent.sendall(b"DELETE /counter HTTP/1.1\r\nHost: x\r\nIdempotency-Key: seen\r\nContent-Length: %d\r\n\r\n" % len(hidden) + hidden)
            sent.shutdown(socket.SHUT_WR)
            try:
                b"".join(iter(lambda: sent.recv(65536), b""))
            except ConnectionResetError:
                pass  # what was not read
        self.assertEqual(["seen"], cancelled)

    def test_types_are_its_schemas(self):
        said = counter.definition("https://text.example/")
        self.assertEqual(("https://text.example/counter", "Counts words.", 1), (said["endpoint"], said["description"], said["price_cents"]))
        self.assertEqual(["parts"], said["input_schema"]["required"])
        self.assertEqual({"type": "string"}, said["input_schema"]["properties"]["parts"]["items"]["properties"]["word"])
        self.assertEqual({"enum": ["plain", "loud"], "default": "plain"}, said["input_schema"]["properties"]["mode"])
        self.assertEqual(["count", "words"], said["output_schema"]["required"])
        self.assertEqual(({"type": "array", "items": {"type": "integer"}}, 10), (stream.output_schema, meter.definition("")["max_price_cents"]))

    def test_the_same_run_is_done_once_and_answered_the_same(self):
        first, again = self.call("counter", {"parts": [{"word": "a", "times": 2}]}), self.call("counter", {"parts": [{"word": "a", "times": 2}]})
        self.assertEqual((200, {"count": 2, "words": ["a"]}), first[:2])
        self.assertEqual((first[:2], 1), (again[:2], len(runs)))
        self.assertEqual(409, self.call("counter", {"parts": []})[0])

    def test_two_at_once_are_one_execution(self):
        answers, wait_for = [], self.server.answers._changed.wait_for

        def waits(free):
            if not free():
                gate.set()  # The second is there while the first is under way.
            return wait_for(free)

        self.server.answers._changed.wait_for = waits
        both = [threading.Thread(target=lambda: answers.append(self.call("counter", {"parts": [], "note": "wait"})[:2])) for _ in range(2)]
        for one in both:
            one.start()
        for one in both:
            one.join()
        self.assertEqual(([(200, {"count": 0, "words": []})] * 2, 1), (answers, len(runs)))

    def test_all_who_wait_for_a_run_are_told(self):
        answers, waiting, told = agora.Answers(), threading.Semaphore(0), []
        wait_for = answers._changed.wait_for

        def waits(free):
            if not free():
                waiting.release()
            return wait_for(free)

        answers.begin("run")
        answers._changed.wait_for = waits
        others = [threading.Thread(target=lambda: told.append(answers.begin("run")), daemon=True) for _ in range(2)]
        for one in others:
            one.start()
        for one in others:
            waiting.acquire()
        answers.end("run", "hash", 200, None, b"{}")  # It gets its turn when both have given theirs up to wait.
        for one in others:
            one.join(5)
        self.assertEqual([("hash", 200, None, b"{}")] * 2, told)

    def test_each_violation_of_the_input_is_named_and_nothing_is_run(self):
        status, body, _ = self.call("counter", {"parts": [{"times": True}], "mode": "shy", "agora_check": 1})
        self.assertEqual((422, "validation_failed", []), (status, body["error"]["code"], runs))
        self.assertEqual({("/parts/0/word", "required"), ("/parts/0/times", "type"), ("/mode", "enum"), ("/agora_check", "additionalProperties")},
                         {(one["path"], one["keyword"]) for one in body["error"]["details"]})
        self.assertEqual(400, self.call("counter", b"{no json")[0])
        self.assertEqual(400, self.call("counter", b"[" * 50_000)[0])

    def test_what_it_refuses_and_what_breaks_stands_and_what_is_for_later_does_not(self):
        self.assertEqual(422, self.call("counter", {"parts": [], "mode": "loud"}, "loud")[0])
        self.assertEqual(422, self.call("counter", {"parts": [], "mode": "loud"}, "loud")[0])
        self.assertEqual(1, len(runs))
        runs.clear()
        self.assertEqual(503, self.call("counter", {"parts": [], "note": "later"}, "later")[0])
        self.assertEqual(200, self.call("counter", {"parts": [], "note": "later"}, "later")[0])
        with self.assertLogs("agora"):
            self.assertEqual(500, self.call("counter", {"parts": [], "note": "broken"}, "broken")[0])
        self.assertEqual(500, self.call("counter", {"parts": [], "note": "broken"}, "broken")[0])
        self.assertEqual(3, len(runs))

    def test_a_stream_is_one_array_and_what_breaks_off_has_no_end(self):
        self.assertEqual((200, [0, 1, 2]), self.call("stream", {"most": 3})[:2])
        self.assertEqual((200, [0, 1, 2]), self.call("stream", {"most": 3})[:2])
        self.assertEqual((200, []), self.call("stream", {"most": 0}, "none")[:2])
        self.assertEqual(2, len(runs))
        with self.assertLogs("agora"), self.assertRaises(http.client.IncompleteRead):
            self.call("stream", {"most": 3, "breaks": True}, "broken")
        self.assertEqual(500, self.call("stream", {"most": 3, "breaks": True}, "broken")[0])

    def test_a_metered_service_says_its_cost_and_says_it_again(self):
        for _ in range(2):
            status, body, headers = self.call("meter", {}, max_cost="5")
            self.assertEqual((200, {"most": "5"}, "1.5"), (status, body, headers["Agora-Cost-Cents"]))

    def test_what_its_type_does_not_allow_and_what_is_no_json_is_no_answer(self):
        def words() -> Iterator[int]:
            yield "one"

        def nothing() -> float:
            return float("nan")

        for wrong in (words, nothing):
            self.server.services["/wrong"] = agora.service("wrong", category="text", provider="provider-c", price_cents=1)(wrong)
            with self.assertLogs("agora"):
                self.assertEqual(500, self.call("wrong", {}, wrong.__name__)[0])

    def test_a_run_that_is_taken_back_is_told(self):
        self.assertEqual((204, ["run-9"]), (self.call("counter", b"", "run-9", "DELETE")[0], cancelled))
        self.assertEqual(404, self.call("stream", b"", "run-9", "DELETE")[0])

    def test_who_is_not_agora_is_refused(self):
        good = {"parts": []}
        wrong = (
            {"signature": "agora=:AAAA:"}, {"signature": ""}, {"signature-input": ""}, {"idempotency-key": "another"}, {"content-digest": "sha-256=:AAAA:"},
            signing.call(SEED, f"{self.server.url}/stream", json.dumps(good).encode(), "run-1", int(time.time())),
            signing.call(SEED, f"{self.server.url}/counter", json.dumps(good).encode(), "run-1", int(time.time()) - 61),
            signing.call(SEED, f"{self.server.url}/counter", json.dumps(good).encode(), "run-1", int(time.time()) + 90),
            signing.call(SEED, f"{self.server.url}/counter", json.dumps(good).encode(), "run-1", int(time.time()), tag="else"),
            *(signing.call(SEED, f"{self.server.url}/counter", json.dumps(good).encode(), "run-1", int(time.time()), without=(name,))
              for name in ("@method", "@target-uri", "idempotency-key", "content-type", "content-digest")),
            signing.call(bytes(32), f"{self.server.url}/counter", json.dumps(good).encode(), "run-1", int(time.time())),
            {"agora-max-cost-cents": "1000"},
            {"agora-try": "true"},
        )
        with self.assertLogs("agora", "WARNING"):
            for change in wrong:
                self.assertEqual(401, self.call("counter", good, **change)[0], change)
        self.assertEqual((200, 1), (self.call("counter", good)[0], len(runs)))

    def test_a_call_that_is_signed_for_another_address_is_refused_with_both_addresses(self):
        body, registered = b'{"parts":[]}', "https://texts.example/counter"
        with self.assertLogs("agora", "WARNING") as logged:
            status, said, _ = self.call("counter", body, **signing.call(SEED, registered, body, "run-1", int(time.time())))
        self.assertEqual((401, []), (status, runs))
        for text in (said["error"]["message"], logged.output[0]):
            self.assertIn(f"signed for {self.server.url}/counter.", text)
            self.assertIn(f"This call came to {self.server.url[len('http://'):]}/counter.", text)

    def test_a_host_that_is_no_name_is_not_repeated(self):
        body = b'{"parts":[]}'
        with self.assertLogs("agora", "WARNING") as logged:
            said = self.call("counter", body, **{"Host": "\x1b[31m", "signature": "agora=:AAAA:"})[1]
        self.assertIn("This call came to /counter.", said["error"]["message"])
        self.assertNotIn("\x1b", logged.output[0])

    def test_a_url_that_is_missing_or_ends_in_the_services_path_is_warned_of_once_at_start(self):
        for url, warned in ((None, "url is not set"), ("https://texts.example/counter", "only calls to https://texts.example/counter/counter are accepted"), ("https://texts.example", None)):
            with self.subTest(url), self.assertLogs("agora", "WARNING") as logged:
                agora.server(counter, url=url).server_close()
                agora.server(counter, verify=False).server_close()
                logging.getLogger("agora").warning("the end")
            self.assertEqual(1 if warned else 0, len(logged.output) - 1, logged.output)
            self.assertIn(warned or "the end", logged.output[0])

    def test_another_body_under_the_headers_of_one_that_was_signed_is_refused(self):
        url, signed, other = f"{self.server.url}/counter", b'{"parts":[]}', b'{"parts":[ ]}'
        headers = signing.call(SEED, url, signed, "run-1", int(time.time()))
        self.assertEqual((401, 200), (self.call("counter", other, **headers)[0], self.call("counter", signed, **headers)[0]))

    def test_a_run_without_a_key_is_refused_also_where_anybody_may_call(self):
        self.server.find = None
        for key in ("", "k" * 256):
            self.assertEqual(400, self.call("counter", {"parts": []}, **{"idempotency-key": key})[0])
        self.assertEqual([], runs)

    def test_the_bounds_of_an_answer(self):
        with mock.patch("agora.serving.MAX_OUTPUT_BYTES", 20), self.assertLogs("agora"):
            self.assertEqual(500, self.call("counter", {"parts": [{"word": "a" * 20}]}, "long")[0])
            with self.assertRaises(http.client.IncompleteRead):
                self.call("stream", {"most": 50}, "endless")

    def test_the_bounds_of_a_body(self):
        self.assertEqual(413, self.call("counter", b" " * 262_145)[0])
        self.assertEqual(404, self.call("nothing", {})[0])

    def test_a_length_that_is_no_number_is_refused_411(self):
        with socket.create_connection(self.server.server_address) as raw:
            raw.sendall(b"POST /counter HTTP/1.1\r\nHost: x\r\nContent-Length: \xb2\r\n\r\n")
            self.assertIn(b" 411 ", raw.recv(65536).split(b"\r\n")[0])

    def test_answers_outlive_the_process(self):
        import tempfile
        with tempfile.TemporaryDirectory() as folder:
            first = agora.Answers(f"{folder}/answers.db", most=2)
            for run in ("a", "b", "c"):
                self.assertIsNone(first.begin(run))
                first.end(run, "hash", 200, None, b"{}")
            first.close()
            second = agora.Answers(f"{folder}/answers.db")
            self.assertEqual(("hash", 200, None, b"{}"), second.begin("c"))
            self.assertIsNone(second.begin("a"))
            second.close()

    def test_created_may_be_anything(self):
        self.assertIn("another time", why_not("DELETE", "u", {"signature-input": 'agora=("@method" "@target-uri" "idempotency-key");created="²";tag="agora-service-call"', "idempotency-key": "k"}, b"", {}.get))

import unittest
from decimal import Decimal
from unittest import mock

import agora
from agora import errors, types
from agora.agent import pages
from agora.transport import Transport

from .scripted import LOST, Scripted, ok


class TransportTests(unittest.TestCase):
    def send(self, *answers, method="POST", key=None, renew=None, **retry):
        self.server, self.slept = Scripted(*answers), []
        self.addCleanup(self.server.close)
        now = [0.0]

        def sleep(seconds):
            self.slept.append(seconds)
            now[0] += seconds

        transport = Transport(self.server.url, agora.Retry(**retry), clock=lambda: now[0], sleep=sleep)
        return transport.send(method, "/x", "t", {"a": 1} if method == "POST" else None, key=key, renew=renew)

    def test_a_lost_reply_is_asked_again_under_the_same_key(self):
        self.assertEqual(1, self.send(LOST, LOST, ok(a=1))["a"])
        self.assertEqual(1, len(set(self.server.keys)))
        self.assertEqual(3, len(self.server.keys))

    def test_what_somebody_in_between_answers_is_no_answer(self):
        self.send((502, b"<html>"), (200, b"{cut"), ok())
        self.assertEqual(1, len(set(self.server.keys)))

    def test_same_key_waits_as_it_is_told(self):
        self.send((429, "rate_limited", "same_key", 12), (409, "idempotency_in_flight", "same_key", 1), ok())
        self.assertEqual([12, 1], self.slept)
        self.assertEqual(1, len(set(self.server.keys)))

    def test_new_key_takes_another_one_and_not_for_ever(self):
        with self.assertRaises(agora.ServiceFailed):
            self.send(*[(502, "upstream_failed", "new_key", 5)] * 9)
        self.assertEqual(3, len(set(self.server.keys)))

    def test_a_key_of_the_caller_is_never_replaced(self):
        with self.assertRaises(agora.ServiceFailed) as refused:
            self.send((502, "upstream_failed", "new_key", 5), key="mine")
        self.assertEqual((["mine"], "mine"), (self.server.keys, refused.exception.key))

    def test_never_and_what_has_to_change_first_are_told_at_once(self):
        for answer, family in (((403, "scope_violation"), agora.NotAllowed), ((402, "payment_required", "same_key"), agora.PaymentRequired), ((409, "run_cancelled", "new_key"), agora.Conflict)):
            with self.assertRaises(family):
                self.send(answer)
            self.assertEqual(1, len(self.server.seen))

    def test_a_wait_beyond_the_deadline_is_not_begun(self):
        with self.assertRaises(agora.RateLimited):
            self.send((429, "rate_limited", "same_key", 61), deadline=60)
        self.assertEqual([], self.slept)

    def test_tries_are_counted(self):
        with self.assertRaises(agora.NoAnswer) as lost:
            self.send(LOST, LOST, LOST, attempts=3)
        self.assertEqual(self.server.keys[0], lost.exception.key)

    def test_a_token_is_renewed_once(self):
        with self.assertRaises(agora.AuthenticationError):
            self.send((401, "session_expired"), (401, "session_expired"), renew=lambda error, unanswered: "new")
        self.assertEqual(["Bearer t", "Bearer new"], [seen[3] for seen in self.server.seen])

    def test_a_session_that_ended_behind_a_lost_reply_is_not_replaced(self):
        for unanswered in (LOST, (409, "idempotency_in_flight", "same_key", 1)):
            server = Scripted(unanswered, (401, "session_expired"))
            self.addCleanup(server.close)
            agent = agora.Agent(server.url, "key", "a", "u", token="old", retry=agora.Retry(attempts=3))
            agent.transport.sleep = lambda seconds: None
            with self.assertRaises(agora.SessionLost):
                agent.run("s", {})
            self.assertEqual(2, len(server.seen))

    def test_only_what_may_have_been_done_stands_in_the_way_of_a_new_session(self):
        for method, before, unanswered in (("GET", [LOST], False), ("POST", [LOST], True), ("POST", [LOST, (502, "upstream_failed", "new_key", 1)], False)):
            told = []
            self.send(*before, (401, "session_expired"), ok(), method=method, renew=lambda error, said: told.append(said) or "new")
            self.assertEqual([unanswered], told, (method, before))

    def test_a_try_waits_no_longer_than_the_deadline_is_away(self):
        server, now, waits = Scripted((429, "rate_limited", "same_key", 50), ok()), [0.0], []
        self.addCleanup(server.close)
        transport = Transport(server.url, agora.Retry(deadline=60, timeout=30), clock=lambda: now[0], sleep=lambda seconds: now.__setitem__(0, now[0] + seconds))
        once, transport.once = transport.once, lambda *asked: waits.append(asked[-1]) or once(*asked)
        transport.send("GET", "/x?a=1", query={"b": 2})
        self.assertEqual(([30, 10], "/x?a=1&b=2"), (waits, server.seen[0][1]))

    def test_a_reply_without_end_is_cut_off_and_none(self):
        with mock.patch("agora.transport.MAX_REPLY_BYTES", 20), self.assertRaises(agora.NoAnswer):
            self.send(ok(a="long"), attempts=1)

    def test_what_was_done_before_says_so(self):
        self.assertEqual([True, False], [agora.Reply({}, 200, {}, headers).replayed for headers in ({"Idempotent-Replayed": "true"}, {})])

    def test_a_redirect_is_not_followed(self):
        with self.assertRaises(agora.AgoraError):
            self.send((302, b"{}"))
        self.assertEqual(1, len(self.server.seen))

    def test_a_list_goes_on_from_its_cursor_and_ends_with_it(self):
        asked, left = [], [{"items": [1, 2], "offset": 0, "limit": 2, "next_cursor": "c"}, {"items": [3, 4], "offset": 0, "limit": 2, "next_cursor": None}]
        self.assertEqual([1, 2, 3, 4], list(pages(lambda part: asked.append(part) or left.pop(0), {"limit": 2, "sponsored": True, "q": None})))
        self.assertEqual([{"limit": 2, "sponsored": "true"}, {"limit": 2, "sponsored": "true", "cursor": "c"}], asked)

    def test_amounts_are_decimal_and_other_numbers_are_not(self):
        reply = self.send(ok(price_cents=0.1, score=0.5, output={"tip_cents": 0.1}), method="GET")
        self.assertEqual((Decimal("0.1"), float, float), (reply["price_cents"], type(reply["score"]), type(reply["output"]["tip_cents"])))
        self.assertEqual([None], self.server.keys)

    def test_each_family_has_its_codes(self):
        self.assertEqual(sorted(types.CODES), sorted(errors.FAMILIES))
        self.assertIs(agora.LimitReached, errors.FAMILIES["budget_exceeded"])
        self.assertIs(agora.AgoraError, type(errors.refusal(418, {"error": {"code": "brand_new", "message": ""}})))

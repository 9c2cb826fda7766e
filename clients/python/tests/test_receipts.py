import json
import os
import pathlib
import unittest

from agora import Agent, ReceiptInvalid, ed25519, verify_receipt

from . import signing
from .scripted import Scripted, ok

# RFC 8032, 7.1: seed, public key, message, signature.
RFC_8032 = (
    ("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"),
    ("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb", "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"),
    ("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7", "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"),
)


def wycheproof():
    """Where the vectors are: WYCHEPROOF, else shared/wycheproof beside the repository."""
    places = [os.environ.get("WYCHEPROOF", "")] + [str(above / "shared" / "wycheproof") for above in pathlib.Path(__file__).resolve().parents]
    return next((pathlib.Path(place, "ed25519_test.json") for place in places if place and pathlib.Path(place, "ed25519_test.json").exists()), None)


class Ed25519Tests(unittest.TestCase):
    def test_the_vectors_of_rfc_8032_are_good_and_signed_alike(self):
        for seed, public, message, signature in (tuple(map(bytes.fromhex, vector)) for vector in RFC_8032):
            self.assertEqual(public, signing.public_of(seed))
            self.assertEqual(signature, signing.sign(seed, message))
            self.assertTrue(ed25519.verify(public, message, signature))
            self.assertFalse(ed25519.verify(public, message + b"!", signature))

    @unittest.skipUnless(wycheproof(), "the vectors of Wycheproof are not here")
    def test_each_vector_of_wycheproof_has_its_result(self):
        for group in json.loads(wycheproof().read_text())["testGroups"]:
            public = bytes.fromhex(group["publicKey"]["pk"] if "publicKey" in group else group["key"]["pk"])
            for one in group["tests"]:
                self.assertEqual(one["result"] == "valid", ed25519.verify(public, bytes.fromhex(one["msg"]), bytes.fromhex(one["sig"])), one["tcId"])

    def test_a_key_of_low_order_or_with_a_second_spelling_is_none(self):
        low = ("00" * 32, "01" + "00" * 31, "ec" + "ff" * 30 + "7f", "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", "ee" + "ff" * 30 + "7f")
        self.assertFalse(any(ed25519.is_key(bytes.fromhex(key)) for key in low))


class ReceiptTests(unittest.TestCase):
    seed = bytes(range(32))
    claims = {"iss": "agora", "run_id": "r1", "amount_micros": 20_000}

    def setUp(self):
        self.jwks = {"keys": [signing.jwk_of(signing.public_of(self.seed))]}

    def test_what_was_signed_is_told(self):
        self.assertEqual(self.claims, verify_receipt(signing.token(self.seed, self.claims), self.jwks, "agora"))

    def test_a_receipt_of_play_money_is_none_of_money_and_none_of_money_is_one_of_play_money(self):
        money, play = signing.token(self.seed, self.claims), signing.token(self.seed, self.claims, typ="agora-test-receipt+jwt")
        self.assertEqual(self.claims, verify_receipt(play, self.jwks, test=True))
        for token, test in ((play, False), (money, True)):
            with self.assertRaises(ReceiptInvalid):
                verify_receipt(token, self.jwks, test=test)
        self.assertEqual([True, True, True, False, False, False], [Agent(**given).is_test for given in (
            {"key": "test_k"}, {"key": "agk2_test_default.a.r.c"}, {"token": "agt_shop-1_t3~s.1.m"}, {"key": "agk2_live_default.test_.r.c"}, {"token": "agt_test_s.1.m"}, {"key": "platform_test_"})])

    def test_what_is_changed_in_any_part_is_refused(self):
        good = signing.token(self.seed, self.claims)
        head, payload, signature = good.split(".")
        other = signing.token(self.seed, {**self.claims, "amount_micros": 1}).split(".")
        wrong = (
            f"{head}.{other[1]}.{signature}", f"{head}.{payload}.{other[2]}", f"{head}.{payload}", f"{good}.", f"{good}=", "", None, f"{head}.{payload}é.{signature}",
            signing.token(self.seed, self.claims, alg="none"), signing.token(self.seed, self.claims, typ="JWT"), signing.token(self.seed, self.claims, crit=["exp"]),
            signing.token(bytes(32), self.claims),
        )
        for token in wrong:
            with self.assertRaises(ReceiptInvalid, msg=token):
                verify_receipt(token, self.jwks)

    def test_a_key_set_cannot_misname_a_key(self):
        other = signing.jwk_of(signing.public_of(bytes(32)))
        forged = {"keys": [{**other, "kid": self.jwks["keys"][0]["kid"]}]}
        with self.assertRaises(ReceiptInvalid):
            verify_receipt(signing.token(self.seed, self.claims), forged)
        with self.assertRaisesRegex(ReceiptInvalid, "of that name"):
            verify_receipt(signing.token(bytes(32), self.claims, kid=forged["keys"][0]["kid"]), forged)

    def test_a_key_for_which_anyone_could_sign_is_nobodys(self):
        low = signing.jwk_of(bytes([1]) + bytes(31))
        with self.assertRaisesRegex(ReceiptInvalid, "nobody's"):
            verify_receipt(signing.token(self.seed, self.claims, kid=low["kid"]), {"keys": [low]})

    def test_a_receipt_has_one_spelling(self):
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        good = signing.token(self.seed, self.claims)
        with self.assertRaises(ReceiptInvalid):
            verify_receipt(good[:-1] + letters[letters.index(good[-1]) ^ 1], self.jwks)  # The last four bits are of no byte.

    def test_another_issuer_is_refused(self):
        with self.assertRaises(ReceiptInvalid):
            verify_receipt(signing.token(self.seed, self.claims), self.jwks, "https://other.example")

    def test_a_receipt_of_another_run_is_refused(self):
        server = Scripted(ok(receipt=signing.token(self.seed, self.claims)), (200, self.jwks), ok(receipt=signing.token(self.seed, self.claims)))
        self.addCleanup(server.close)
        agent = Agent(server.url, token="t")
        self.assertEqual(self.claims, agent.receipt("r1")[1])
        with self.assertRaises(ReceiptInvalid):
            agent.receipt("r2")

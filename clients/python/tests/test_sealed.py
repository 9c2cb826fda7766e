import base64
import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

from agora.sealed import AgentCard, CannotOpen, CardInvalid, KeyChanged, KeyRing, KeyRingInvalid, SealedError, primitives

HERE = pathlib.Path(__file__).resolve()
DAY = 86_400
HAS_CRYPTOGRAPHY = primitives.AESGCM is not None

if HAS_CRYPTOGRAPHY:
    from agora.sealed.message import Envelope, seal
    from agora.sealed.primitives import decrypt, encrypt, exchange_public, hkdf, hpke_open, hpke_seal, shared_secret, sign, signing_public, text_of, thumbprint, verify
    from agora.sealed.statements import of_epoch, of_rotation


def wycheproof(name):
    """Where the vectors are: WYCHEPROOF, else shared/wycheproof beside the repository."""
    places = [os.environ.get("WYCHEPROOF", "")] + [str(above / "shared" / "wycheproof") for above in HERE.parents]
    return next((pathlib.Path(place, name) for place in places if place and pathlib.Path(place, name).exists()), None)


def vectors(name):
    for group in json.loads(wycheproof(name).read_text())["testGroups"]:
        for one in group["tests"]:
            yield group, {key: bytes.fromhex(value) if key in ("public", "private", "shared", "key", "iv", "aad", "msg", "ct", "tag", "ikm", "salt", "info", "okm") else value for key, value in one.items()}


class MissingTests(unittest.TestCase):
    def test_without_cryptography_all_else_works_and_the_call_names_the_extra(self):
        code = ("import sys; sys.modules['cryptography'] = None; import agora, agora.sealed\n"
                "for call in (lambda: agora.sealed.KeyRing.create('a'), lambda: agora.sealed.KeyRing.load('a')):\n"
                "    try: call()\n"
                "    except ModuleNotFoundError as missing: print(missing)\n")
        said = subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(HERE.parents[1] / "src")}, check=True, capture_output=True, text=True).stdout
        self.assertEqual(2, said.count("pip install 'agora-client[e2e]'"), said)


@unittest.skipUnless(HAS_CRYPTOGRAPHY, "the package cryptography is not here")
class PrimitiveTests(unittest.TestCase):
    def test_the_vector_of_rfc_9180_comes_out_both_ways(self):
        recipient, info, said = map(bytes.fromhex, ("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d", "4f6465206f6e2061204772656369616e2055726e",
                                                    "4265617574792069732074727574682c20747275746820626561757479"))
        ephemeral = bytes.fromhex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11")
        encapsulated, ciphertext = hpke_seal(exchange_public(recipient), info, b"Count-0", said, ephemeral)
        self.assertEqual("6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256", encapsulated.hex())
        self.assertEqual("e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a", ciphertext.hex())
        self.assertEqual(said, hpke_open(recipient, encapsulated, info, b"Count-0", ciphertext))
        self.assertIsNone(hpke_open(recipient, encapsulated, info, b"Count-1", ciphertext))
        self.assertIsNone(hpke_seal(bytes(32), info, b"", said))

    @unittest.skipUnless(wycheproof("x25519_test.json"), "the vectors of Wycheproof are not here")
    def test_each_vector_of_wycheproof_comes_out_and_keys_of_low_order_have_no_secret(self):
        for _, one in vectors("x25519_test.json"):
            self.assertEqual(None if "ZeroSharedSecret" in one["flags"] else one["shared"], shared_secret(one["private"], one["public"]), one["tcId"])
        for group, one in vectors("aes_gcm_test.json"):
            if (group["keySize"], group["ivSize"]) == (256, 96):
                self.assertEqual(one["msg"] if one["result"] == "valid" else None, decrypt(one["key"], one["iv"], one["aad"], one["ct"] + one["tag"]), one["tcId"])
                if one["result"] == "valid":
                    self.assertEqual(one["ct"] + one["tag"], encrypt(one["key"], one["iv"], one["aad"], one["msg"]))
        counted = 0
        for _, one in vectors("hkdf_sha256_test.json"):
            if not one["salt"] and one["result"] == "valid":
                counted += 1
                self.assertEqual(one["okm"], hkdf(one["ikm"], one["info"], one["size"]), one["tcId"])
        self.assertGreater(counted, 20)

    def test_a_signature_is_the_keys_over_the_message_alone_and_of_a_key_of_low_order_there_is_none(self):
        signature = sign(bytes(32), b"m")
        self.assertTrue(verify(signing_public(bytes(32)), b"m", signature))
        self.assertFalse(verify(signing_public(bytes(32)), b"n", signature))
        self.assertFalse(verify(signing_public(bytes(32)), b"m", signature[1:]))
        self.assertFalse(verify(bytes([1]) + bytes(31), b"m", bytes([1]) + bytes(63)))


@unittest.skipUnless(HAS_CRYPTOGRAPHY, "the package cryptography is not here")
class SealedTests(unittest.TestCase):
    def setUp(self):
        self.now, self.notices = 1_790_000_000, []
        self.options = {"clock": lambda: self.now, "rotated": lambda *notice: self.notices.append(notice)}
        self.alice, self.bob, self.carol = (self.ring(agent) for agent in ("alice", "bob", "carol"))

    def ring(self, agent, path=None):
        return KeyRing.create(agent, path, **self.options)

    def sealed(self, content="hello", *more):
        return self.alice.seal(content, "text/plain", "c", "m", [one.card for one in (self.bob, *more)])

    def text(self, ring, message):
        return ring.open(message, "c", "m", self.alice.card).content.decode()

    def why_not(self, *opening):
        with self.assertRaises(CannotOpen) as failed:
            opening[0](*opening[1:])
        return failed.exception.code

    def test_each_recipient_and_the_sender_open_it_and_know_who_sealed_it_to_whom(self):
        message = self.sealed("hello", self.carol)
        for ring in (self.alice, self.bob, self.carol):
            self.assertEqual(("alice", "text/plain", b"hello", ("alice", "bob", "carol")), ring.open(message, "c", "m", self.alice.card))

    def test_what_was_sealed_is_opened_whatever_it_is(self):
        for size in range(200):
            content = os.urandom(size)
            self.assertEqual(content, self.bob.open(self.alice.seal(content, "a", "c", "m", [self.bob.card]), "c", "m", self.alice.card).content)

    def test_for_another_agent_in_another_conversation_under_another_id_from_another_sender_it_does_not_open(self):
        message = self.sealed()
        self.assertEqual("not_for_us", self.why_not(self.carol.open, message, "c", "m", self.alice.card))
        self.assertEqual("not_authentic", self.why_not(self.bob.open, message, "c2", "m", self.alice.card))
        self.assertEqual("not_authentic", self.why_not(self.bob.open, message, "c", "m2", self.alice.card))
        self.assertEqual("not_authentic", self.why_not(self.bob.open, message, "c", "m", self.carol.card))
        self.assertEqual("malformed", self.why_not(self.bob.open, message, "", "m", self.alice.card))

    def test_any_bit_that_is_changed_anywhere_keeps_it_from_opening(self):
        message = bytearray(self.sealed("hi", self.carol).encode())
        for bit in range(8 * len(message)):
            message[bit // 8] ^= 1 << bit % 8
            with self.assertRaises(CannotOpen, msg=bit):
                self.bob.open(message.decode("latin-1"), "c", "m", self.alice.card)
            message[bit // 8] ^= 1 << bit % 8
        self.assertEqual("hi", self.text(self.bob, message.decode()))

    def test_what_is_left_out_added_or_in_another_order_keeps_it_from_opening(self):
        good, other = self.sealed("hello", self.carol), json.loads(self.sealed("other", self.carol))
        changes = (
            lambda m: m.update(v=2), lambda m: m.update(v="1"), lambda m: m.update(v=True), lambda m: m.update(more=1), lambda m: m.pop("commitment"), lambda m: m["to"].pop(), lambda m: m["to"].pop(0),
            lambda m: m["to"].append(m["to"][2]), lambda m: m["to"].append(m["to"].pop(1)), lambda m: m["to"].__setitem__(2, other["to"][2]), lambda m: m["to"].__setitem__(1, other["to"][1]),
            lambda m: m["to"][1].update(more=""), lambda m: m.update(ciphertext=other["ciphertext"]), lambda m: m.update(commitment=other["commitment"]), lambda m: m.update(commitment=m["commitment"] + "="),
            lambda m: m.update(ciphertext=""), lambda m: m.update(to=[]), lambda m: m.update(to=None), lambda m: m["to"].__setitem__(0, None), lambda m: m["to"][1].update(enc=text_of(bytes(32))), lambda m: m["to"][1].update(agent=1),
        )
        for at, change in enumerate(changes):
            message = json.loads(good)
            change(message)
            with self.assertRaises(CannotOpen, msg=at):
                self.text(self.bob, json.dumps(message))
        for text in ("", "null", "[]", "1", "{", "[" * 5_000, "\ud800", '{"v":1,"to":[{}],"commitment":"\\ud800","ciphertext":""}', " " * 65_537 + good, None):
            self.assertEqual("malformed", self.why_not(self.text, self.bob, text))

    def test_what_another_signed_in_the_senders_name_does_not_open(self):
        seed, dave = os.urandom(32), exchange_public(os.urandom(32))
        carol = primitives.bytes_of(json.loads(base64.urlsafe_b64decode(self.carol.card.epoch_key.split(".")[1] + "=="))["key"], 32)
        card, to = AgentCard("alice", text_of(signing_public(seed)), ""), [("carol", carol), ("dave", dave)]
        self.assertEqual(b"x", self.carol.open(seal(Envelope("c", "m", "alice"), b"x", "t", to, seed), "c", "m", card).content)
        self.assertEqual("not_authentic", self.why_not(self.carol.open, seal(Envelope("c", "m", "alice"), b"x", "t", to, os.urandom(32)), "c", "m", card))

    def test_what_others_sealed_opens_and_what_others_forged_does_not(self):
        given = json.loads((HERE.parents[3] / "tests" / "Clients.Tests" / "Sealing" / "vectors.json").read_text(encoding="utf-8"))
        self.now = given["now"]
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "ring.json")
            path.touch(mode=0o600)

            def opened(one):
                path.write_text(json.dumps(given["rings"][one["by"]]))
                return KeyRing.load(path, **self.options).open(one["message"], one["conversation"], one["message_id"], AgentCard(**one["sender"]))

            for one in given["opens"]:
                with self.subTest(one["name"]):
                    self.assertEqual((one["sender"]["agent"], one["content_type"], primitives.bytes_of(one["content"]), tuple(one["recipients"])), opened(one))
            for one in given["refused"]:
                with self.subTest(one["name"]), self.assertRaises(SealedError) as failed:
                    opened(one)
                self.assertEqual(one["code"], failed.exception.code)

    def test_it_has_at_most_64_kib_and_64_recipients_each_once(self):
        self.assertRaises(ValueError, self.sealed, "x" * 49_000)
        self.assertEqual(48_000, len(self.text(self.bob, self.sealed("x" * 48_000))))
        many = [self.ring(f"agent-{at}") for at in range(64)]
        cards = [one.card for one in many]
        self.assertEqual(65, len(many[-1].open(self.alice.seal("x", "t", "c", "m", [*cards, self.alice.card]), "c", "m", self.alice.card).recipients))
        for wrong in ([*cards, self.bob.card], [self.bob.card, self.bob.card], [self.alice.card], []):
            self.assertRaises(ValueError, self.alice.seal, "x", "t", "c", "m", wrong)
        for kind, conversation, message in (("", "c", "m"), ("t\n", "c", "m"), ("t", "", "m"), ("t", "c c", "m"), ("t", "c", "m\n"), ("t", "c", "é")):
            self.assertRaises(ValueError, self.alice.seal, "x", kind, conversation, message, [self.bob.card])

    def test_a_key_is_followed_when_its_epoch_is_over_and_what_was_under_way_opens_until_it_is_destroyed(self):
        message, first = self.sealed(), self.bob.card
        self.now += DAY - 1
        self.assertFalse(self.bob.rekey())
        self.assertEqual(first, self.bob.card)
        self.now += 1
        self.assertTrue(self.bob.rekey())
        self.assertNotEqual(first.epoch_key, self.bob.card.epoch_key)
        self.assertFalse(self.bob.rekey())
        self.now += 7 * DAY - 1
        self.bob.rekey()
        self.assertEqual("hello", self.text(self.bob, message))
        self.now += 1
        self.bob.rekey()
        self.assertEqual("key_gone", self.why_not(self.text, self.bob, message))
        self.assertEqual("hello", self.text(self.alice, message))

    def test_an_older_key_than_was_seen_is_not_sealed_to_also_where_the_clock_stands(self):
        old = self.bob.card
        self.assertTrue(self.bob.rekey(always=True))
        self.sealed()
        self.assertRaises(CardInvalid, self.alice.seal, "x", "t", "c", "m", [old])
        self.sealed()

    def test_an_older_key_is_not_sealed_to_either_where_the_signing_key_was_rotated(self):
        old, new, fresh = os.urandom(32), os.urandom(32), exchange_public(os.urandom(32))
        self.alice.seal("x", "t", "c", "m", [AgentCard("dave", text_of(signing_public(old)), of_epoch("dave", fresh, 5, old))])
        rotated = AgentCard("dave", text_of(signing_public(new)), of_epoch("dave", fresh, 4, new), (of_rotation("dave", signing_public(new), old),))
        self.assertRaises(CardInvalid, self.alice.seal, "x", "t", "c", "m", [rotated])
        self.alice.seal("x", "t", "c", "m", [rotated._replace(epoch_key=of_epoch("dave", fresh, 5, new))])

    def test_a_key_that_its_agent_did_not_sign_or_that_is_nobodys_is_not_sealed_to(self):
        bob, seed, fresh = self.bob.card, os.urandom(32), exchange_public(os.urandom(32))
        dave = AgentCard("dave", text_of(signing_public(seed)), "")
        wrong = (
            bob._replace(epoch_key=self.carol.card.epoch_key), bob._replace(agent="bobby"), bob._replace(signing_key="AA"), bob._replace(signing_key=text_of(bytes(32))), bob._replace(epoch_key=None), dave, dave._replace(agent="d ave"),
            dave._replace(epoch_key=of_epoch("carol", fresh, 1, seed)), dave._replace(epoch_key=of_epoch("dave", bytes(32), 1, seed)), dave._replace(epoch_key=of_epoch("dave", bytes(31), 1, seed)),
            dave._replace(epoch_key=of_epoch("dave", fresh, -1, seed)), dave._replace(epoch_key=of_epoch("dave", fresh, True, seed)), dave._replace(epoch_key=of_rotation("dave", fresh, seed)),
        )
        for card in wrong:
            with self.assertRaises(CardInvalid, msg=card):
                self.alice.seal("x", "t", "c", "m", [card])
        self.alice.seal("x", "t", "c", "m", [dave._replace(epoch_key=of_epoch("dave", fresh, 1, seed))])

    def test_what_another_signed_under_the_id_of_an_agents_key_is_not_believed(self):
        def forged(token, **said):
            head, payload, signature = token.split(".")
            signed = f"{head}.{text_of(json.dumps({**json.loads(primitives.bytes_of(payload)), **said}).encode())}"
            return f"{signed}.{signature}", f"{signed}.{text_of(sign(os.urandom(32), signed.encode()))}"

        self.text(self.bob, self.sealed())
        bob, other = self.bob.card, exchange_public(os.urandom(32))
        for token in (*forged(bob.epoch_key, key=text_of(other)), *forged(self.bob.sign_card({"name": "bob"}), encryption_key={"x": text_of(other)})):
            self.assertRaises(CardInvalid, self.alice.seal, "x", "t", "c", "m", [bob._replace(epoch_key=token)])
        mallory = self.ring("alice").card
        for token in forged(self.alice.rotate_signing_key().rotations[0], new_key={"x": mallory.signing_key}):
            self.assertRaises(KeyChanged, self.bob.seal, "x", "t", "c", "m", [mallory._replace(rotations=(token,))])

    def test_no_two_messages_of_the_same_content_have_anything_in_common(self):
        one, two = json.loads(self.sealed()), json.loads(self.sealed())
        for member in ("ciphertext", "commitment"):
            self.assertNotEqual(one[member], two[member])
        self.assertEqual(4, len({part["enc"] for part in one["to"] + two["to"]}))

    def test_what_the_agent_said_itself_opens_as_long_as_its_keys_are_kept(self):
        message = self.sealed()
        self.alice.rotate_signing_key()
        self.assertEqual("hello", self.text(self.alice, message))
        self.alice.rekey(always=True)
        message = self.sealed()
        self.now += 7 * DAY + 1  # The key before is destroyed: it was followed a second after it was made.
        self.alice.rekey()
        self.assertEqual("hello", self.text(self.alice, message))

    def test_who_lost_its_keys_is_sealed_to_by_those_that_are_accepted_though_they_were_made_earlier(self):
        self.bob.rekey(always=True)
        self.sealed()
        again = self.ring("bob")
        self.assertRaises(KeyChanged, self.alice.seal, "x", "t", "c", "m", [again.card])
        self.alice.accept(again.card)
        self.assertEqual(b"x", again.open(self.alice.seal("x", "t", "c", "m", [again.card]), "c", "m", self.alice.card).content)

    def test_a_signing_key_that_changed_is_refused_until_it_is_accepted(self):
        message = self.sealed()
        self.text(self.bob, message)
        other = self.ring("alice")
        theirs = other.seal("x", "t", "c", "m", [self.bob.card])
        with self.assertRaises(KeyChanged) as changed:
            self.bob.seal("x", "t", "c", "m", [other.card])
        self.assertEqual(("alice", self.name(self.alice), self.name(other), "key_changed"), (changed.exception.agent, changed.exception.known, changed.exception.given, changed.exception.code))
        self.assertRaises(KeyChanged, self.bob.open, theirs, "c", "m", other.card)
        self.assertEqual("hello", self.text(self.bob, message))
        self.bob.accept(other.card)
        self.assertEqual(b"x", self.bob.open(theirs, "c", "m", other.card).content)
        self.assertRaises(KeyChanged, self.text, self.bob, message)
        self.assertEqual([], self.notices)
        self.assertRaises(ValueError, self.bob.accept, self.bob.card)

    def test_a_message_that_does_not_open_makes_no_key_known(self):
        self.assertEqual("not_authentic", self.why_not(self.bob.open, self.sealed(), "c", "m", self.ring("alice").card))
        self.assertEqual("hello", self.text(self.bob, self.sealed()))

    def test_rotations_are_followed_and_noticed_once_and_what_was_signed_before_counts_for_the_retention(self):
        message, before = self.sealed(), self.name(self.alice)
        self.text(self.bob, message)
        self.alice.rotate_signing_key()
        self.alice.rotate_signing_key()
        self.text(self.bob, self.sealed())
        self.bob.seal("x", "t", "c", "m", [self.alice.card])
        self.assertEqual([("alice", before, self.name(self.alice))], self.notices)
        self.assertEqual("hello", self.text(self.bob, message))
        self.now += 7 * DAY
        self.assertEqual("not_authentic", self.why_not(self.text, self.bob, message))

    def test_a_rotation_that_the_key_before_did_not_sign_for_this_agent_is_a_changed_key_and_a_card_carries_64(self):
        self.text(self.bob, self.sealed())
        good = self.alice.rotate_signing_key()
        stranger = of_rotation("alice", primitives.bytes_of(good.signing_key), os.urandom(32))
        for rotations in ((), (stranger,), (good.epoch_key,), ("x" * 2_000,), (good.rotations[0].replace(".", ",", 1),), (None,)):
            self.assertRaises(KeyChanged, self.bob.seal, "x", "t", "c", "m", [good._replace(rotations=rotations)])
        self.assertRaises(KeyChanged, self.bob.seal, "x", "t", "c", "m", [self.ring("alice").card._replace(rotations=good.rotations)])
        self.text(self.carol, self.sealed("hello", self.carol))
        for _ in range(63):
            self.alice.rotate_signing_key()
        last = self.alice.card
        self.assertRaises(ValueError, self.alice.rotate_signing_key)
        self.assertEqual((64, last.signing_key), (len(last.rotations), self.alice.card.signing_key))
        self.assertEqual("hello", self.text(self.carol, self.sealed("hello", self.carol)))
        self.assertEqual("hello", self.text(self.bob, self.sealed()))

    def test_a_ring_is_the_same_after_its_process_its_file_is_its_owners_alone_and_a_destroyed_key_is_in_it_no_more(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "ring.json")
            ring = self.ring("dave", path)
            message, first = self.alice.seal("hello", "t", "c", "m", [ring.card]), json.loads(path.read_text())["epochs"][0]["key"]
            ring.open(message, "c", "m", self.alice.card)
            ring.rotate_signing_key()
            again = KeyRing.load(path, **self.options)
            self.assertEqual(ring.card, again.card)
            self.assertEqual("hello", self.text(again, message))
            self.assertRaises(KeyChanged, again.open, message, "c", "m", self.ring("alice").card)
            self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
            self.assertEqual(["ring.json"], os.listdir(folder))
            self.now += DAY
            again.rekey()
            self.assertIn(first, path.read_text())
            self.now += 7 * DAY
            again.rekey()
            self.assertNotIn(first, path.read_text())
            self.assertRaises(FileExistsError, self.ring, "dave", path)

            os.mkdir(f"{path}.new")  # It cannot be written now: nothing is another than before.
            card = again.card
            self.assertRaises(OSError, again.rekey, True)
            self.assertRaises(OSError, again.rotate_signing_key)
            self.assertEqual(card, again.card)
            os.rmdir(f"{path}.new")

            good, wrong = path.read_text(), pathlib.Path(folder, "wrong")
            for change in (lambda r: r.update(v=2), lambda r: r.pop("signing"), lambda r: r.update(signing="AA"), lambda r: r.update(epochs=[]), lambda r: r.update(peers={}), lambda r: r.update(agent="a b"), lambda r: r["epochs"][0].update(made="x")):
                changed = json.loads(good)
                change(changed)
                wrong.write_text(json.dumps(changed))
                wrong.chmod(0o600)
                self.assertRaises(KeyRingInvalid, KeyRing.load, wrong)
            path.chmod(0o640)
            self.assertRaisesRegex(KeyRingInvalid, "chmod 600", KeyRing.load, path)
        self.assertRaises(ValueError, KeyRing.create, "a b")
        self.assertRaises(ValueError, KeyRing.create, "a", epoch_seconds=0)

    @staticmethod
    def name(ring):
        return thumbprint("Ed25519", primitives.bytes_of(ring.card.signing_key))

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { CannotOpen, CardInvalid, KeyChanged, KeyRing, KeyRingInvalid, SealedError, type AgentCard, type KeyRingOptions } from "../src/sealed/index.js";
import { base64url, decrypt, encrypt, hpkeOpen, hpkeSeal, privateKey, publicOf, sharedSecret, sign, thumbprint, verify } from "../src/sealed/primitives.js";
import { epochOf, ofEpoch, ofRotation } from "../src/sealed/statements.js";
import * as message from "../src/sealed/message.js";

const hex = (text: string) => Uint8Array.from(Buffer.from(text, "hex")), day = 86_400;
const folder = mkdtempSync(join(tmpdir(), "agora-ring-"));
after(() => rmSync(folder, { recursive: true }));

/** Where the vectors are: WYCHEPROOF, else shared/wycheproof beside the repository. */
function wycheproof(file: string): string | undefined {
  const places = process.env["WYCHEPROOF"] ? [process.env["WYCHEPROOF"]] : [];
  for (let at = process.cwd(); dirname(at) !== at; at = dirname(at)) places.push(join(at, "..", "shared", "wycheproof"));
  return places.map(place => join(place, file)).find(existsSync);
}

const skip = wycheproof("x25519_test.json") ? false : "the vectors of Wycheproof are not here";
type Vector = Record<"public" | "private" | "shared" | "key" | "iv" | "aad" | "msg" | "ct" | "tag" | "result", string> & { tcId: number; flags: string[] };
const vectors = (file: string) => (JSON.parse(readFileSync(wycheproof(file)!, "utf8")) as { testGroups: { keySize: number; ivSize: number; tests: Vector[] }[] }).testGroups;

/** Agents with rings in memory, and one clock. */
function party() {
  const clock = { at: Date.UTC(2026, 10, 22) / 1000 }, notices: string[][] = [], options: KeyRingOptions = { now: () => clock.at * 1000, rotated: (...notice) => notices.push(notice) };
  const [alice, bob, carol] = ["alice", "bob", "carol"].map(agent => KeyRing.create(agent, undefined, options)) as [KeyRing, KeyRing, KeyRing];
  const sealed = (content = "hello", ...more: KeyRing[]) => alice.seal(content, "text/plain", "c", "m", [bob, ...more].map(one => one.card));
  const text = (by: KeyRing, one: string) => Buffer.from(by.open(one, "c", "m", alice.card).content).toString();
  return { clock, notices, options, alice, bob, carol, sealed, text };
}

const why = (open: () => unknown): string => {
  try {
    open();
  } catch (failed) {
    if (failed instanceof CannotOpen) return failed.code;
    throw failed;
  }
  throw new Error("It opened.");
};

test("the vector of RFC 9180 comes out both ways", () => {
  const recipient = privateKey("X25519", hex("497b4502664cfea5d5af0b39934dac72242a74f8480451e1aee7d6a53320333d")), info = hex("4f6465206f6e2061204772656369616e2055726e"), said = hex("4265617574792069732074727574682c20747275746820626561757479");
  const [encapsulated, ciphertext] = hpkeSeal(publicOf(recipient), info, Buffer.from("Count-0"), said, hex("179d4b53b6365c45b600c4163b61d95cbc2f4d9e36f1695558dce265ab8bab11"))!;
  assert.equal(Buffer.from(encapsulated).toString("hex"), "6c93e09869df3402d7bf231bf540fadd35cd56be14f97178f0954db94b7fc256");
  assert.equal(Buffer.from(ciphertext).toString("hex"), "e5d84cd531cfb583096e7cfa9641bd3079cf3a91cda813c52deb5f512be9931980a41de125a925cdad859d5b7a");
  assert.deepEqual(Uint8Array.from(hpkeOpen(recipient, encapsulated, info, Buffer.from("Count-0"), ciphertext)!), said);
  assert.equal(hpkeOpen(recipient, encapsulated, info, Buffer.from("Count-1"), ciphertext), null);
  assert.equal(hpkeSeal(new Uint8Array(32), info, said, said), null);
});

test("each vector of Wycheproof for X25519 has its secret, but for keys of low order, which have none", { skip }, () => {
  for (const { tests } of vectors("x25519_test.json")) {
    for (const one of tests) assert.equal(Buffer.from(sharedSecret(privateKey("X25519", hex(one.private)), hex(one.public)) ?? []).toString("hex"), one.flags.includes("ZeroSharedSecret") ? "" : one.shared, `${one.tcId}`);
  }
});

test("each vector of Wycheproof for AES-256-GCM opens and seals as it says", { skip }, () => {
  for (const { keySize, ivSize, tests } of vectors("aes_gcm_test.json")) {
    if (keySize !== 256 || ivSize !== 96) continue;
    for (const one of tests) {
      const opened = decrypt(hex(one.key), hex(one.iv), hex(one.aad), hex(one.ct + one.tag));
      assert.equal(opened && Buffer.from(opened).toString("hex"), one.result === "valid" ? one.msg : null, `${one.tcId}`);
      if (one.result === "valid") assert.equal(Buffer.from(encrypt(hex(one.key), hex(one.iv), hex(one.aad), hex(one.msg))).toString("hex"), one.ct + one.tag);
    }
  }
});

test("a signature is the key's over the message alone, and of a key of low order there is none", () => {
  const key = privateKey("Ed25519", new Uint8Array(32)), signature = sign(key, hex("01"));
  assert.ok(verify(publicOf(key), hex("01"), signature));
  assert.ok(!verify(publicOf(key), hex("02"), signature));
  assert.ok(!verify(publicOf(key), hex("01"), signature.subarray(1)));
  assert.ok(!verify(hex(`01${"00".repeat(31)}`), hex("01"), hex(`01${"00".repeat(63)}`)));
});

test("each recipient and the sender open it, and know who sealed it to whom", () => {
  const { alice, bob, carol, sealed } = party(), one = sealed("hello", carol);
  for (const ring of [alice, bob, carol]) {
    const opened = ring.open(one, "c", "m", alice.card);
    assert.deepEqual([opened.sender, opened.contentType, Buffer.from(opened.content).toString(), opened.recipients], ["alice", "text/plain", "hello", ["alice", "bob", "carol"]]);
  }
});

test("what was sealed is opened, whatever it is", () => {
  const { alice, bob } = party();
  for (let size = 0; size < 200; size++) {
    const content = randomBytes(size);
    assert.deepEqual(Buffer.from(bob.open(alice.seal(content, "a", "c", "m", [bob.card]), "c", "m", alice.card).content), content);
  }
});

test("for another agent, in another conversation, under another id, from another sender it does not open", () => {
  const { alice, bob, carol, sealed } = party(), one = sealed();
  assert.equal(why(() => carol.open(one, "c", "m", alice.card)), "not_for_us");
  assert.equal(why(() => bob.open(one, "c2", "m", alice.card)), "not_authentic");
  assert.equal(why(() => bob.open(one, "c", "m2", alice.card)), "not_authentic");
  assert.equal(why(() => bob.open(one, "c", "m", carol.card)), "not_authentic");
  assert.equal(why(() => bob.open(one, "", "m", alice.card)), "malformed");
});

test("any bit that is changed anywhere keeps it from opening", () => {
  const { alice, bob, carol, sealed } = party(), bytes = Buffer.from(sealed("hi", carol));
  for (let bit = 0; bit < 8 * bytes.length; bit++) {
    bytes[bit >> 3]! ^= 1 << (bit & 7);
    assert.throws(() => bob.open(bytes.toString("latin1"), "c", "m", alice.card), CannotOpen, `bit ${bit}`);
    bytes[bit >> 3]! ^= 1 << (bit & 7);
  }
  assert.equal(Buffer.from(bob.open(bytes.toString(), "c", "m", alice.card).content).toString(), "hi");
});

test("what is left out, added or in another order keeps it from opening", () => {
  const { bob, carol, sealed, text } = party(), good = sealed("hello", carol), other = JSON.parse(sealed("other", carol));
  const changes: ((json: any) => unknown)[] = [
    json => (json.v = 2), json => (json.v = "1"), json => (json.more = 1), json => delete json.commitment, json => json.to.pop(), json => json.to.shift(), json => json.to.push(json.to[2]), json => json.to.push(json.to.splice(1, 1)[0]),
    json => (json.to[2] = other.to[2]), json => (json.to[1] = other.to[1]), json => (json.to[1].more = ""), json => (json.ciphertext = other.ciphertext), json => (json.commitment = other.commitment), json => (json.commitment += "="),
    json => (json.ciphertext = ""), json => (json.to = []), json => (json.to = null), json => (json.to[0] = null), json => (json.to[1].enc = base64url(new Uint8Array(32))), json => (json.to[1].agent = 1),
  ];
  for (const change of changes) {
    const json = JSON.parse(good);
    change(json);
    assert.throws(() => text(bob, JSON.stringify(json)), CannotOpen, change.toString());
  }
  for (const one of ["", "null", "[]", "1", "{", '{"v":1,"to":[{}],"commitment":"\\ud800","ciphertext":""}', " ".repeat(65_537) + good]) assert.equal(why(() => text(bob, one)), "malformed");
});

test("what another signed in the sender's name does not open", () => {
  const alice = privateKey("Ed25519", new Uint8Array(32)), { carol } = party(), envelope = { conversation: "c", messageId: "m", sender: "alice" };
  const card: AgentCard = { agent: "alice", signingKey: base64url(publicOf(alice)), epochKey: "", rotations: [] };
  const key = epochOf(carol.card.epochKey, "carol", Buffer.from(carol.card.signingKey, "base64url"))!, dave = { publicKey: publicOf(privateKey("X25519", randomBytes(32))), made: 1 };
  const good = message.seal(envelope, Buffer.from("x"), "t", [["carol", key], ["dave", dave]], alice);
  assert.equal(Buffer.from(carol.open(good, "c", "m", card).content).toString(), "x");
  const byAnother = message.seal(envelope, Buffer.from("x"), "t", [["carol", key]], privateKey("Ed25519", randomBytes(32)));
  assert.equal(why(() => carol.open(byAnother, "c", "m", card)), "not_authentic");
});

test("what others sealed opens, and what others forged does not", async context => {
  const { now, rings, opens, refused } = JSON.parse(readFileSync(fileURLToPath(new URL("../../../../tests/Clients.Tests/Sealing/vectors.json", import.meta.url)), "utf8"));
  const open = (one: any) => {
    const path = join(folder, "given");
    writeFileSync(path, JSON.stringify(rings[one.by]), { mode: 0o600 });
    const { agent, signing_key: signingKey, epoch_key: epochKey, rotations } = one.sender;
    return KeyRing.load(path, { now: () => now * 1000 }).open(one.message, one.conversation, one.message_id, { agent, signingKey, epochKey, rotations });
  };
  for (const one of opens) {
    await context.test(one.name, () => {
      const opened = open(one);
      assert.deepEqual([opened.sender, opened.contentType, base64url(opened.content), opened.recipients], [one.sender.agent, one.content_type, one.content, one.recipients]);
    });
  }
  for (const one of refused) await context.test(one.name, () => assert.throws(() => open(one), (failed: SealedError) => failed instanceof SealedError && failed.code === one.code));
  rmSync(join(folder, "given"));
});

test("it has at most 64 KiB, and 64 recipients, each once", () => {
  const { alice, bob, options, sealed, text } = party(), many = Array.from({ length: 64 }, (_, at) => KeyRing.create(`agent-${at}`, undefined, options));
  assert.throws(() => sealed("x".repeat(49_000)), RangeError);
  assert.equal(text(bob, sealed("x".repeat(48_000))).length, 48_000);
  const one = alice.seal("x", "t", "c", "m", [...many.map(ring => ring.card), alice.card]);
  assert.equal(many.at(-1)!.open(one, "c", "m", alice.card).recipients.length, 65);
  for (const cards of [[...many.map(ring => ring.card), bob.card], [bob.card, bob.card], [alice.card], []]) assert.throws(() => alice.seal("x", "t", "c", "m", cards), RangeError);
  for (const [type, conversation, id] of [["", "c", "m"], ["t\n", "c", "m"], ["t", "", "m"], ["t", "c c", "m"], ["t", "c", "m\n"], ["t", "c", "é"]] as const) assert.throws(() => alice.seal("x", type, conversation, id, [bob.card]), RangeError);
});

test("a key is followed when its epoch is over; what was under way opens until it is destroyed, and never after", () => {
  const { clock, alice, bob, sealed, text } = party(), one = sealed(), first = bob.card;
  clock.at += day - 1;
  assert.ok(!bob.rekey());
  assert.deepEqual(bob.card, first);
  clock.at += 1;
  assert.ok(bob.rekey());
  assert.notEqual(bob.card.epochKey, first.epochKey);
  assert.ok(!bob.rekey());
  clock.at += 7 * day - 1;
  bob.rekey();
  assert.equal(text(bob, one), "hello");
  clock.at += 1;
  bob.rekey();
  assert.equal(why(() => text(bob, one)), "key_gone");
  assert.equal(text(alice, one), "hello");
});

test("an older key than was seen is not sealed to, also where the clock stands", () => {
  const { alice, bob, sealed } = party(), old = bob.card;
  assert.ok(bob.rekey(true));
  sealed();
  assert.throws(() => alice.seal("x", "t", "c", "m", [old]), CardInvalid);
  sealed();
});

test("an older key is not sealed to either where the signing key was rotated", () => {
  const { alice } = party(), [old, next] = [privateKey("Ed25519", randomBytes(32)), privateKey("Ed25519", randomBytes(32))], publicKey = publicOf(privateKey("X25519", randomBytes(32)));
  alice.seal("x", "t", "c", "m", [{ agent: "dave", signingKey: base64url(publicOf(old)), epochKey: ofEpoch("dave", { publicKey, made: 5 }, old), rotations: [] }]);
  const rotated = (made: number) => ({ agent: "dave", signingKey: base64url(publicOf(next)), epochKey: ofEpoch("dave", { publicKey, made }, next), rotations: [ofRotation("dave", publicOf(next), old)] });
  assert.throws(() => alice.seal("x", "t", "c", "m", [rotated(4)]), CardInvalid);
  alice.seal("x", "t", "c", "m", [rotated(5)]);
});

test("a key that its agent did not sign, or that is nobody's, is not sealed to", () => {
  const { alice, bob, carol } = party(), key = privateKey("Ed25519", randomBytes(32)), fresh = () => publicOf(privateKey("X25519", randomBytes(32)));
  const dave: AgentCard = { agent: "dave", signingKey: base64url(publicOf(key)), epochKey: "", rotations: [] }, by = (epochKey: string) => ({ ...dave, epochKey });
  const wrong = [
    { ...bob.card, epochKey: carol.card.epochKey }, { ...bob.card, agent: "bobby" }, { ...bob.card, signingKey: "AA" }, { ...bob.card, signingKey: base64url(new Uint8Array(32)) }, dave, { ...dave, agent: "d ave" },
    by(ofEpoch("carol", { publicKey: fresh(), made: 1 }, key)), by(ofEpoch("dave", { publicKey: new Uint8Array(32), made: 1 }, key)), by(ofEpoch("dave", { publicKey: new Uint8Array(31), made: 1 }, key)),
    by(ofEpoch("dave", { publicKey: fresh(), made: -1 }, key)), by(ofRotation("dave", fresh(), key)),
  ];
  for (const card of wrong) assert.throws(() => alice.seal("x", "t", "c", "m", [card]), CardInvalid, JSON.stringify(card));
  alice.seal("x", "t", "c", "m", [by(ofEpoch("dave", { publicKey: fresh(), made: 1 }, key))]);
});

test("what another signed under the id of an agent's key is not believed", () => {
  const { alice, bob, options, sealed, text } = party(), other = base64url(publicOf(privateKey("X25519", randomBytes(32))));
  const forged = (token: string, said: object) => {
    const [head, payload, signature] = token.split("."), signed = `${head}.${base64url(Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload!, "base64url").toString()), ...said })))}`;
    return [`${signed}.${signature}`, `${signed}.${base64url(sign(privateKey("Ed25519", randomBytes(32)), Buffer.from(signed)))}`];
  };
  text(bob, sealed());
  for (const epochKey of [...forged(bob.card.epochKey, { key: other }), ...forged(bob.signCard({ name: "bob" }), { encryption_key: { x: other } })]) {
    assert.throws(() => alice.seal("x", "t", "c", "m", [{ ...bob.card, epochKey }]), CardInvalid);
  }
  const mallory = KeyRing.create("alice", undefined, options).card;
  for (const rotation of forged(alice.rotateSigningKey().rotations[0]!, { new_key: { x: mallory.signingKey } })) {
    assert.throws(() => bob.seal("x", "t", "c", "m", [{ ...mallory, rotations: [rotation] }]), KeyChanged);
  }
});

test("no two messages of the same content have anything in common", () => {
  const { sealed } = party(), [one, two] = [JSON.parse(sealed()), JSON.parse(sealed())];
  for (const member of ["ciphertext", "commitment"]) assert.notEqual(one[member], two[member]);
  assert.equal(new Set([...one.to, ...two.to].map(part => part.enc)).size, 4);
});

test("what the agent said itself opens as long as its keys are kept", () => {
  const { alice, clock, sealed, text } = party(), before = sealed();
  alice.rotateSigningKey();
  assert.equal(text(alice, before), "hello");
  alice.rekey(true);
  const after = sealed();
  clock.at += 7 * day + 1; // The key before is destroyed: it was followed a second after it was made.
  alice.rekey();
  assert.equal(text(alice, after), "hello");
});

test("who lost its keys is sealed to by those that are accepted, though they were made earlier", () => {
  const { alice, bob, options, sealed } = party();
  bob.rekey(true);
  sealed();
  const again = KeyRing.create("bob", undefined, options);
  assert.throws(() => alice.seal("x", "t", "c", "m", [again.card]), KeyChanged);
  alice.accept(again.card);
  assert.equal(Buffer.from(again.open(alice.seal("x", "t", "c", "m", [again.card]), "c", "m", alice.card).content).toString(), "x");
});

test("a signing key that changed is refused until it is accepted", () => {
  const { alice, bob, notices, options, sealed, text } = party(), one = sealed();
  text(bob, one);
  const other = KeyRing.create("alice", undefined, options), theirs = other.seal("x", "t", "c", "m", [bob.card]), name = (card: AgentCard) => thumbprint("Ed25519", Buffer.from(card.signingKey, "base64url"));
  assert.throws(() => bob.seal("x", "t", "c", "m", [other.card]), (failed: KeyChanged) => failed.agent === "alice" && failed.known === name(alice.card) && failed.given === name(other.card) && failed.code === "key_changed");
  assert.throws(() => bob.open(theirs, "c", "m", other.card), KeyChanged);
  assert.equal(text(bob, one), "hello");
  bob.accept(other.card);
  assert.equal(Buffer.from(bob.open(theirs, "c", "m", other.card).content).toString(), "x");
  assert.throws(() => text(bob, one), KeyChanged);
  assert.deepEqual(notices, []);
  assert.throws(() => bob.accept(bob.card), RangeError);
});

test("a message that does not open makes no key known", () => {
  const { bob, options, sealed, text } = party(), forged = KeyRing.create("alice", undefined, options);
  assert.equal(why(() => bob.open(sealed(), "c", "m", forged.card)), "not_authentic");
  assert.equal(text(bob, sealed()), "hello");
});

test("rotations are followed and noticed once, and what was signed before counts for the retention", () => {
  const { clock, alice, bob, notices, sealed, text } = party(), one = sealed(), name = () => thumbprint("Ed25519", Buffer.from(alice.card.signingKey, "base64url"));
  text(bob, one);
  const from = name();
  alice.rotateSigningKey();
  alice.rotateSigningKey();
  text(bob, sealed());
  bob.seal("x", "t", "c", "m", [alice.card]);
  assert.deepEqual(notices, [["alice", from, name()]]);
  assert.equal(text(bob, one), "hello");
  clock.at += 7 * day;
  assert.equal(why(() => text(bob, one)), "not_authentic");
});

test("a rotation that the key before did not sign for this agent is a changed key, and a card carries 64", () => {
  const { alice, bob, carol, options, sealed, text } = party();
  text(bob, sealed());
  const good = alice.rotateSigningKey(), key = Buffer.from(good.signingKey, "base64url");
  for (const rotations of [[], [ofRotation("alice", key, privateKey("Ed25519", randomBytes(32)))], [good.epochKey], ["x".repeat(2000)], [good.rotations[0]!.replace(".", ",")]]) assert.throws(() => bob.seal("x", "t", "c", "m", [{ ...good, rotations }]), KeyChanged);
  assert.throws(() => bob.seal("x", "t", "c", "m", [{ ...KeyRing.create("alice", undefined, options).card, rotations: good.rotations }]), KeyChanged);
  text(carol, sealed("hello", carol));
  for (let at = 1; at < 64; at++) alice.rotateSigningKey();
  const last = alice.card;
  assert.throws(() => alice.rotateSigningKey(), RangeError);
  assert.deepEqual([last.rotations.length, alice.card.signingKey], [64, last.signingKey]);
  assert.equal(text(carol, sealed("hello", carol)), "hello");
  assert.equal(text(bob, sealed()), "hello");
});

test("a ring is the same after its process, its file is its owner's alone, and a destroyed key is in it no more", () => {
  const { clock, alice, options } = party(), path = join(folder, "ring.json"), ring = KeyRing.create("dave", path, options);
  const one = alice.seal("hello", "t", "c", "m", [ring.card]), stored = () => JSON.parse(readFileSync(path, "utf8")), first = stored().epochs[0].key as string;
  ring.open(one, "c", "m", alice.card);
  ring.rotateSigningKey();
  const again = KeyRing.load(path, options);
  assert.deepEqual(again.card, ring.card);
  assert.equal(Buffer.from(again.open(one, "c", "m", alice.card).content).toString(), "hello");
  assert.throws(() => again.open(one, "c", "m", KeyRing.create("alice").card), KeyChanged);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ["ring.json"]);
  clock.at += day;
  again.rekey();
  assert.ok(readFileSync(path, "utf8").includes(first));
  clock.at += 7 * day;
  again.rekey();
  assert.ok(!readFileSync(path, "utf8").includes(first));
  assert.throws(() => KeyRing.create("dave", path), /EEXIST/);

  mkdirSync(`${path}.new`); // It cannot be written now: nothing is another than before.
  const card = again.card;
  assert.throws(() => again.rekey(true));
  assert.throws(() => again.rotateSigningKey());
  assert.deepEqual(again.card, card);
  rmdirSync(`${path}.new`);

  const changes: ((json: any) => unknown)[] = [json => (json.v = 2), json => delete json.signing, json => (json.signing = "AA"), json => (json.epochs = []), json => (json.peers = {}), json => (json.agent = "a b"), json => (json.epochs[0].made = "x")];
  for (const change of changes) {
    const json = stored();
    change(json);
    writeFileSync(join(folder, "wrong"), JSON.stringify(json), { mode: 0o600 });
    assert.throws(() => KeyRing.load(join(folder, "wrong")), KeyRingInvalid, change.toString());
  }
  chmodSync(path, 0o640);
  assert.throws(() => KeyRing.load(path), /chmod 600/);
  assert.throws(() => KeyRing.create("a b"), RangeError);
  assert.throws(() => KeyRing.create("a", undefined, { epochSeconds: 0 }), RangeError);
});

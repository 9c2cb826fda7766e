// node vectors.mjs: prints vectors.json, which all clients are held to: what opens, and what recipients, servers and others forged. The same bytes each time.
import { shake256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as noble from "./noble.mjs";

const { b64, seal, signed, jws, publicOf, exchangeOf, thumbprint } = noble, day = 86_400, start = 1_790_000_000;
const stream = shake256.create({ dkLen: 1 << 20 }).update(utf8ToBytes("agora sealed vectors")).digest();
let at = 0;
const random = length => stream.slice(at, (at += length));

const agents = Object.fromEntries(["alice", "bob", "carol", "dave", "eve"].map(agent => [agent, { agent, seed: random(32), epochs: [0, 1].map(nth => ({ secret: random(32), made: start + nth * day })) }]));
const { alice, bob, carol, dave, eve } = agents;
const key = (of, nth = 1) => [of.agent, exchangeOf(of.epochs[nth].secret)];
const card = (of, more = {}) => ({ agent: of.agent, signing_key: b64(publicOf(of.seed)), epoch_key: jws("agora-epoch-key+jwt", { agent: of.agent, key: b64(exchangeOf(of.epochs[1].secret)), made: of.epochs[1].made }, of.seed), rotations: [], ...more });

// Dave has rotated twice. Bob has seen the first key, and carol the second of alice's, which nobody has.
const first = random(32), second = random(32), stranger = random(32);
const jwk = seed => ({ kty: "OKP", crv: "Ed25519", x: b64(publicOf(seed)) });
const rotated = (agent, to, by, n = 1) => ({ agent_id: agent, n, old_key: jwk(by), new_key: jwk(to) });
const rotation = (agent, to, by, n) => jws("agora-key-rotation", rotated(agent, to, by, n), by);
const daves = card(dave, { rotations: [rotation("dave", second, first), rotation("dave", dave.seed, second, 2)] });
const peers = { bob: { dave: { key: b64(publicOf(first)), made: 0 } }, carol: { alice: { key: b64(publicOf(stranger)), made: 0 } } };
const rings = Object.fromEntries(Object.values(agents).map(of => [of.agent, {
  v: 1, agent: of.agent, signing: b64(of.seed), rotations: [], epochs: of.epochs.map(one => ({ key: b64(one.secret), made: one.made })),
  peers: { [of.agent]: { key: b64(publicOf(of.seed)), made: 0 }, ...peers[of.agent] },
}]));

const of = ["c-1", "m-1", "alice"], both = [key(alice), key(bob)], three = [...both, key(eve)];
const opens = [], refused = [];
const good = (name, by, content, type, keys, from = alice, sender = card(from)) => {
  const binding = ["c-1", "m-1", from.agent];
  opens.push({ name, by: by.agent, sender, conversation: "c-1", message_id: "m-1", message: seal(binding, content, type, keys, from.seed, random), content_type: type, content: b64(typeof content === "string" ? utf8ToBytes(content) : content), recipients: keys.map(([agent]) => agent).toSorted() });
};
const bad = (name, code, message, { by = bob, sender = card(alice), conversation = "c-1", message_id = "m-1" } = {}) => refused.push({ name, code, by: by.agent, sender, conversation, message_id, message });
const forged = (name, but, keys = three, content = "hello", type = "text/plain") => bad(name, "not_authentic", seal(of, content, type, keys, alice.seed, random, but));
const changed = (name, code, change) => {
  const json = JSON.parse(seal(of, "hello", "text/plain", three, alice.seed, random));
  bad(name, code, JSON.stringify(change(json) ?? json));
};

good("a word", bob, "hello", "text/plain", both);
good("nothing", bob, "", "text/plain", both);
good("words of several scripts, and a type with blanks", eve, "\u3053\u3093\u306b\u3061\u306f, \u00e9 \u{1f600}\u0000", "text/plain; charset=utf-8", three);
good("bytes of all values", bob, Uint8Array.from({ length: 300 }, (_, nth) => nth), "application/octet-stream", both);
good("to a key that another has followed", bob, "late", "text/plain", [key(alice), key(bob, 0)]);
good("the sender's own", alice, "mine", "text/plain", both);
good("of a sender that rotated twice since it was seen", bob, "still me", "text/plain", [key(dave), key(bob)], dave, daves);

const meant = signed(of, [key(alice), key(eve)].map(([agent, own]) => ({ agent, key: thumbprint("X25519", own) })), "text/plain", utf8ToBytes("hello"));
const other = (binding, type = "text/plain", content = "hello") => to => noble.sign(signed(binding, to, type, utf8ToBytes(content)), alice.seed);
forged("a recipient seals the sender's words to another", { signature: () => noble.sign(meant, alice.seed) });
forged("words that were signed in another conversation", { signature: other(["c-2", "m-1", "alice"]) });
forged("words that were signed under another message id", { signature: other(["c-1", "m-2", "alice"]) });
forged("words that were signed as another sender's", { signature: other(["c-1", "m-1", "eve"]) });
forged("other words under the signature", { signature: other(of, "text/plain", "hallo") });
forged("another type under the signature", { signature: other(of, "text/html") });
forged("the type's end moved into the content", { signature: other(of, "text/plainh", "ello") });
forged("a signature by another key", { signature: to => noble.sign(signed(of, to, "text/plain", utf8ToBytes("hello")), eve.seed) });
forged("a signature for the recipients without one of them", { signature: to => noble.sign(signed(of, to.slice(0, 2), "text/plain", utf8ToBytes("hello")), alice.seed) });
forged("a signature for other keys of the recipients", { signature: to => noble.sign(signed(of, to.map(one => ({ ...one, key: to[0].key })), "text/plain", utf8ToBytes("hello")), alice.seed) });
for (const [nth, what] of ["conversation", "message id", "sender"].entries()) {
  const elsewhere = of.with(nth, "other");
  forged(`a secret that was sealed for another ${what}`, { key: elsewhere });
  forged(`a key that was derived for another ${what}`, { content: elsewhere });
  forged(`content that was authenticated for another ${what}`, { associated: elsewhere });
}
forged("a commitment to another secret", { commitment: () => noble.derive(of, new Uint8Array(32)).commitment });
forged("another recipient's part is another", { parts: to => to.map(one => (one.agent === "eve" ? { ...one, ct: one.ct.toReversed() } : one)) });
forged("another recipient's key is another", { parts: to => to.map(one => (one.agent === "eve" ? { ...one, key: to[0].key } : one)) });
forged("another recipient is left out", { parts: to => to.filter(one => one.agent !== "eve") });
forged("another recipient has another name", { parts: to => to.map(one => (one.agent === "eve" ? { ...one, agent: "eva" } : one)) });
forged("a key of low order is sent along", { parts: to => to.map(one => (one.agent === "bob" ? { ...one, enc: new Uint8Array(32) } : one)) });
forged("less than a signature", { plaintext: whole => whole.subarray(0, 63) });
forged("a signature alone", { plaintext: whole => whole.subarray(0, 64) });
forged("a type that is longer than all there is", { plaintext: whole => whole.with(64, 255) });
forged("a type that is longer by one than all there is", { plaintext: whole => whole.with(67, whole.length - 67) }, three, "");
forged("a type with a line's end", {}, three, "hello", "text/plain\n");
forged("no type", {}, three, "hello", "");

const plain = seal(of, "hello", "text/plain", both, alice.seed, random);
bad("opened in another conversation", "not_authentic", plain, { conversation: "c-2" });
bad("opened under another message id", "not_authentic", plain, { message_id: "m-2" });
bad("opened as of another sender", "not_authentic", plain, { sender: card(eve) });
bad("sealed to others", "not_for_us", plain, { by: eve });
bad("of a sender whose key changed", "key_changed", seal(of, "hello", "text/plain", [key(alice), key(carol)], alice.seed, random), { by: carol });
bad("of a sender who rotated, where a rotation is missing", "key_changed", plain, { sender: { ...daves, rotations: daves.rotations.slice(1) } });
bad("of a sender whose rotation is another agent's", "key_changed", plain, { sender: { ...daves, rotations: [rotation("eve", dave.seed, first)] } });
bad("of a sender whose rotation is of another type", "key_changed", plain, { sender: { ...daves, rotations: [jws("agora-epoch-key+jwt", rotated("dave", dave.seed, first), first)] } });
for (const more of [{ crit: ["exp"] }, { alg: "none" }, { kid: thumbprint("Ed25519", publicOf(second)) }]) {
  const odd = jws("agora-key-rotation", rotated("dave", dave.seed, first), first, more);
  bad(`of a sender whose rotation has another header: ${Object.keys(more)}`, "key_changed", plain, { sender: { ...daves, rotations: [odd] } });
}
bad("of a sender whose rotation is too long", "key_changed", plain, { sender: { ...daves, rotations: [jws("agora-key-rotation", { ...rotated("dave", dave.seed, first), more: "x".repeat(1_000) }, first)] } });
bad("of a sender with more rotations than are read", "key_changed", plain, { sender: { ...daves, rotations: [...daves.rotations, ...Array(63).fill(daves.rotations[1])] } });
bad("of a sender whose key is nobody's", "card_invalid", plain, { sender: { ...card(alice), signing_key: b64(Uint8Array.from([1, ...new Uint8Array(31)])) } });
bad("to a key that is not there", "key_gone", seal(of, "hello", "text/plain", [key(alice), ["bob", exchangeOf(random(32))]], alice.seed, random));
changed("of another version", "malformed", json => void (json.v = 2));
changed("with a member more", "malformed", json => void (json.iv = ""));
changed("in another order", "malformed", json => void json.to.reverse());
changed("with a recipient twice", "malformed", json => void json.to.push(json.to[2]));
changed("to nobody", "malformed", json => void (json.to = []));
changed("to 66", "malformed", json => void (json.to = Array.from({ length: 66 }, (_, nth) => ({ ...json.to[0], agent: `a${String(nth).padStart(2, "0")}` }))));
changed("with padding", "malformed", json => void (json.ciphertext = `${json.ciphertext}=`));
changed("with stray bits", "malformed", json => void (json.commitment = json.commitment.replace(/.$/, last => "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"["ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".indexOf(last) ^ 1])));
changed("without a tag", "malformed", json => void (json.ciphertext = json.ciphertext.slice(0, 20)));
changed("a list", "malformed", json => [json]);

console.log(JSON.stringify({ about: "Made by vectors.mjs, on @noble. now: seconds of Unix time.", now: start + day + 60, rings, opens, refused }, null, 1));

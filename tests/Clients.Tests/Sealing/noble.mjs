// Sealed messages as docs/encryption.md describes them, on the cryptography of others (@noble): written from that page, and from no client.
import { gcm } from "@noble/ciphers/aes.js";
import { ed25519, x25519 } from "@noble/curves/ed25519.js";
import { expand, extract, hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concatBytes, randomBytes, utf8ToBytes } from "@noble/hashes/utils.js";

export const b64 = bytes => Buffer.from(bytes).toString("base64url");
export const unb64 = text => Uint8Array.from(Buffer.from(text, "base64url"));
export const thumbprint = (crv, key) => b64(sha256(utf8ToBytes(`{"crv":"${crv}","kty":"OKP","x":"${b64(key)}"}`)));
const bytes = value => (typeof value === "string" ? utf8ToBytes(value) : value);

const number = (value, size) => Uint8Array.from({ length: size }, (_, at) => value >>> (8 * (size - 1 - at)));
export const frame = (...parts) => concatBytes(...parts.flatMap(part => [number(bytes(part).length, 4), bytes(part)]));

// RFC 9180: section 4 and 4.1, then 5.1 of mode_base.
const kem = concatBytes(utf8ToBytes("KEM"), number(0x20, 2)), suite = concatBytes(utf8ToBytes("HPKE"), number(0x20, 2), number(1, 2), number(2, 2));
const labeledExtract = (id, salt, label, ikm) => extract(sha256, concatBytes(utf8ToBytes("HPKE-v1"), id, utf8ToBytes(label), ikm), salt);
const labeledExpand = (id, prk, label, info, length) => expand(sha256, prk, concatBytes(number(length, 2), utf8ToBytes("HPKE-v1"), id, utf8ToBytes(label), info), length);
const none = new Uint8Array(0);
function contextOf(dh, encapsulated, recipient, info) {
  const shared = labeledExpand(kem, labeledExtract(kem, none, "eae_prk", dh), "shared_secret", concatBytes(encapsulated, recipient), 32);
  const context = concatBytes(number(0, 1), labeledExtract(suite, none, "psk_id_hash", none), labeledExtract(suite, none, "info_hash", info)), secret = labeledExtract(suite, shared, "secret", none);
  return gcm(labeledExpand(suite, secret, "key", context, 32), labeledExpand(suite, secret, "base_nonce", context, 12));
}
export function hpkeSeal(recipient, info, plaintext, random) {
  const ephemeral = random(32), enc = x25519.getPublicKey(ephemeral);
  return { enc, ct: contextOf(x25519.getSharedSecret(ephemeral, recipient), enc, recipient, info).encrypt(plaintext) };
}
export const hpkeOpen = (own, enc, info, ct) => contextOf(x25519.getSharedSecret(own, enc), enc, x25519.getPublicKey(own), info).decrypt(ct);

const label = "agora sealed 1";
/** of: conversation, message id, sender. */
export const keyInfo = (of, agent, key) => frame(`${label} key`, ...of, agent, key);
export function derive(of, secret) {
  const derived = hkdf(sha256, secret, undefined, frame(`${label} content`, ...of), 76);
  return { key: derived.subarray(0, 32), commitment: derived.subarray(32, 64), nonce: derived.subarray(64) };
}
export const associated = (of, to) => concatBytes(frame(`${label} message`, ...of), number(to.length, 4), ...to.map(one => frame(one.agent, one.key, one.enc, one.ct)));
export const signed = (of, to, type, content) => concatBytes(frame(`${label} signature`, ...of, type, content), number(to.length, 4), ...to.map(one => frame(one.agent, one.key)));

/**
 * keys: [agent, X25519 key], the sender's among them. `but` takes the place of what would be right in one step, as forgers have it: key, content and
 * associated are bindings; signature, commitment, plaintext and parts are functions of what is right.
 */
export function seal(of, content, type, keys, seed, random = randomBytes, but = {}) {
  const secret = random(32);
  const to = keys.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([agent, publicKey]) => {
    const key = thumbprint("X25519", publicKey);
    return { agent, key, ...hpkeSeal(publicKey, keyInfo(but.key ?? of, agent, key), secret, random) };
  });
  const signature = but.signature ? but.signature(to) : ed25519.sign(signed(of, to, type, bytes(content)), seed), { key, nonce, commitment } = derive(but.content ?? of, secret);
  const plaintext = concatBytes(signature, frame(type), bytes(content));
  const ciphertext = gcm(key, nonce, associated(but.associated ?? of, to)).encrypt(but.plaintext ? but.plaintext(plaintext) : plaintext);
  const parts = but.parts ? but.parts(to) : to;
  return JSON.stringify({ v: 1, to: parts.map(one => ({ agent: one.agent, key: one.key, enc: b64(one.enc), ct: b64(one.ct) })), commitment: b64(but.commitment ? but.commitment() : commitment), ciphertext: b64(ciphertext) });
}

/** By an agent with these private keys, of a sender with this signing key. */
export function open(of, message, agent, privateKeys, signer) {
  const json = JSON.parse(message), to = json.to.map(one => ({ ...one, enc: unb64(one.enc), ct: unb64(one.ct) })), own = to.find(one => one.agent === agent);
  const secret = hpkeOpen(privateKeys.find(key => thumbprint("X25519", x25519.getPublicKey(key)) === own.key), own.enc, keyInfo(of, agent, own.key), own.ct);
  const { key, nonce, commitment } = derive(of, secret);
  if (b64(commitment) !== json.commitment) throw new Error("It commits to another secret.");
  const plaintext = gcm(key, nonce, associated(of, to)).decrypt(unb64(json.ciphertext)), end = 68 + Buffer.from(plaintext).readUInt32BE(64);
  const type = Buffer.from(plaintext.subarray(68, end)).toString(), content = plaintext.subarray(end);
  if (!ed25519.verify(plaintext.subarray(0, 64), signed(of, to, type, content), signer)) throw new Error("The signature is another's.");
  return { type, content, recipients: to.map(one => one.agent) };
}

export function jws(typ, payload, seed, more = {}) {
  const text = [{ alg: "EdDSA", typ, kid: thumbprint("Ed25519", ed25519.getPublicKey(seed)), ...more }, payload].map(part => b64(utf8ToBytes(JSON.stringify(part)))).join(".");
  return `${text}.${b64(ed25519.sign(utf8ToBytes(text), seed))}`;
}
export const publicOf = seed => ed25519.getPublicKey(seed);
export const exchangeOf = key => x25519.getPublicKey(key);
export const sign = (message, seed) => ed25519.sign(message, seed);

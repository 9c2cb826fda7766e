// A sealed message: what it is bound to, the bytes of it that are signed and authenticated, and how it travels. docs/encryption.md has the format.
import { randomBytes, timingSafeEqual, type KeyObject } from "node:crypto";
import { base64url, decode, decrypt, encrypt, hkdf, hpkeOpen, hpkeSeal, sign, thumbprint, verify, type Bytes } from "./primitives.js";
import { CannotOpen, CardInvalid } from "./errors.js";
import type { EpochKey } from "./statements.js";

/** Of a sealed message as it travels, in UTF-8. */
export const mostBytes = 65_536;
/** Besides the sender, to whom each message is sealed too. */
export const mostRecipients = 64;

export const isAgent = (text: unknown): text is string => typeof text === "string" && /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(text);
export const isId = (text: unknown): text is string => typeof text === "string" && /^[!-~]{1,200}$/.test(text);
export const isContentType = (text: unknown): text is string => typeof text === "string" && /^[ -~]{1,255}$/.test(text);

export interface Envelope {
  conversation: string;
  messageId: string;
  sender: string;
}

interface SealedTo {
  agent: string;
  key: string;
  encapsulated: Bytes;
  ciphertext: Bytes;
}

interface SealedText {
  to: SealedTo[];
  commitment: Bytes;
  ciphertext: Bytes;
}

/** The secret of each recipient is sealed to its key; the sender is one of them. In ascending order of the agents' ids. */
export function seal(envelope: Envelope, content: Bytes, contentType: string, keys: [agent: string, key: EpochKey][], signing: KeyObject): string {
  const secret = randomBytes(32);
  const to = keys.map(([agent, { publicKey }]): SealedTo => {
    const key = thumbprint("X25519", publicKey), sealed = hpkeSeal(publicKey, keyInfo(envelope, agent, key), none, secret);
    if (!sealed) throw new CardInvalid(agent, "the key to seal to is nobody's");
    return { agent, key, encapsulated: sealed[0], ciphertext: sealed[1] };
  });
  const signature = sign(signing, signedBytes(envelope, to, contentType, content)), { key, nonce, commitment } = derive(envelope, secret);
  const ciphertext = encrypt(key, nonce, associated(envelope, to), Buffer.concat([signature, sized(Buffer.from(contentType)), content]));
  return JSON.stringify({ v: 1, to: to.map(one => ({ agent: one.agent, key: one.key, enc: base64url(one.encapsulated), ct: base64url(one.ciphertext) })), commitment: base64url(commitment), ciphertext: base64url(ciphertext) });
}

/** Null: it is no sealed message of this version. Total over any text. */
export function read(text: unknown): SealedText | null {
  if (typeof text !== "string" || Buffer.byteLength(text) > mostBytes) return null;
  try {
    const json: unknown = JSON.parse(text);
    if (!has(json, 4) || json["v"] !== 1 || !Array.isArray(json["to"]) || json["to"].length < 1 || json["to"].length > mostRecipients + 1) return null;
    const to = json["to"].map(one), commitment = decode(json["commitment"], 32), ciphertext = decode(json["ciphertext"]);
    if (!to.every(part => part !== null) || !to.every((part, at) => at === 0 || to[at - 1]!.agent < part.agent) || !commitment || !ciphertext || ciphertext.length < 16) return null;
    return { to, commitment, ciphertext };
  } catch {
    return null; // JSON.parse alone throws.
  }
}

/** What it says, once the signature is found to be of one of these keys. */
export function open(envelope: Envelope, text: SealedText, own: SealedTo, key: KeyObject, signers: Bytes[]): { contentType: string; content: Bytes } {
  const failed = () => new CannotOpen("not_authentic"); // One answer for all that is not as it was.
  const secret = hpkeOpen(key, own.encapsulated, keyInfo(envelope, own.agent, own.key), none, own.ciphertext);
  if (!secret) throw failed();
  const derived = derive(envelope, secret);
  if (!timingSafeEqual(derived.commitment, text.commitment)) throw failed();
  const plaintext = decrypt(derived.key, derived.nonce, associated(envelope, text.to), text.ciphertext);
  if (!plaintext || plaintext.length < 68) throw failed();
  const length = Buffer.from(plaintext).readUInt32BE(64);
  if (length > plaintext.length - 68) throw failed();
  const contentType = Buffer.from(plaintext.subarray(68, 68 + length)).toString("latin1"), content = new Uint8Array(plaintext.subarray(68 + length));
  const signed = signedBytes(envelope, text.to, contentType, content);
  if (!isContentType(contentType) || !signers.some(signer => verify(signer, signed, plaintext.subarray(0, 64)))) throw failed();
  return { contentType, content };
}

const none = new Uint8Array(0), label = "agora sealed 1";

const size = (number: number): Bytes => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};
const sized = (bytes: Bytes): Bytes => Buffer.concat([size(bytes.length), bytes]);
/** Texts with their lengths before them, so that no two bindings have the same bytes. */
const frame = (...texts: string[]): Bytes => Buffer.concat(texts.map(text => sized(Buffer.from(text))));

const keyInfo = (of: Envelope, agent: string, key: string) => frame(`${label} key`, of.conversation, of.messageId, of.sender, agent, key);

/** The content's key and nonce, and what commits to the secret: no other secret has the same, so all recipients open the same content or none. */
function derive(of: Envelope, secret: Bytes) {
  const derived = hkdf(secret, frame(`${label} content`, of.conversation, of.messageId, of.sender), 76);
  return { key: derived.subarray(0, 32), commitment: derived.subarray(32, 64), nonce: derived.subarray(64) };
}

/** Each recipient's part is authenticated with the content: a change in one of them is seen by all. */
const associated = (of: Envelope, to: SealedTo[]) =>
  Buffer.concat([frame(`${label} message`, of.conversation, of.messageId, of.sender), size(to.length), ...to.flatMap(one => [frame(one.agent, one.key), sized(one.encapsulated), sized(one.ciphertext)])]);

/** A recipient cannot pass it on as if it had been meant for others. */
const signedBytes = (of: Envelope, to: SealedTo[], contentType: string, content: Bytes) =>
  Buffer.concat([frame(`${label} signature`, of.conversation, of.messageId, of.sender, contentType), sized(content), size(to.length), ...to.map(one => frame(one.agent, one.key))]);

const has = (value: unknown, members: number): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === members;

function one(value: unknown): SealedTo | null {
  if (!has(value, 4) || !isAgent(value["agent"]) || !decode(value["key"], 32)) return null;
  const encapsulated = decode(value["enc"], 32), ciphertext = decode(value["ct"], 48);
  return encapsulated && ciphertext && { agent: value["agent"], key: value["key"] as string, encapsulated, ciphertext };
}

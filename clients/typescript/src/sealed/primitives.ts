// X25519 (RFC 7748), Ed25519 (RFC 8032), AES-256-GCM and HPKE (RFC 9180) on Node's own OpenSSL.
import { createCipheriv, createDecipheriv, createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman, hkdfSync, randomBytes, sign as nodeSign, verify as nodeVerify, type KeyObject } from "node:crypto";
import { isKey } from "../receipts.js";

export type Bytes = Uint8Array;

const prefixes = { Ed25519: "302e020100300506032b657004220420", X25519: "302e020100300506032b656e04220420" }; // PKCS #8 of RFC 8410, up to the key.

export const base64url = (bytes: Bytes) => Buffer.from(bytes).toString("base64url");

/** Null: it is not strictly the one spelling of its bytes. */
export function decode(text: unknown, length?: number): Bytes | null {
  if (typeof text !== "string") return null;
  const bytes = Buffer.from(text, "base64url");
  return bytes.toString("base64url") === text && (length === undefined || bytes.length === length) ? bytes : null;
}

/** The name of a key (RFC 7638). */
export const thumbprint = (curve: "Ed25519" | "X25519", key: Bytes) => createHash("sha256").update(`{"crv":"${curve}","kty":"OKP","x":"${base64url(key)}"}`).digest("base64url");

export const privateKey = (curve: "Ed25519" | "X25519", key: Bytes) => createPrivateKey({ key: Buffer.concat([Buffer.from(prefixes[curve], "hex"), key]), format: "der", type: "pkcs8" });

export const publicOf = (key: KeyObject): Bytes => Buffer.from(createPublicKey(key).export({ format: "jwk" }).x!, "base64url");

export const sign = (key: KeyObject, message: Bytes): Bytes => nodeSign(null, message, key);

/** True where the signature is the key's over the message. Total over any bytes. */
export function verify(key: Bytes, message: Bytes, signature: Bytes): boolean {
  if (!isKey(key) || signature.length !== 64) return false;
  try {
    return nodeVerify(null, message, createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64url(key) }, format: "jwk" }), signature);
  } catch {
    return false; // Bytes that name no point are nobody's key.
  }
}

/** Null: the other key is none of 32 bytes, or of low order, so that the secret would be zero. */
export function sharedSecret(own: KeyObject, other: Bytes): Bytes | null {
  if (other.length !== 32) return null;
  try {
    const secret = diffieHellman({ privateKey: own, publicKey: createPublicKey({ key: { kty: "OKP", crv: "X25519", x: base64url(other) }, format: "jwk" }) });
    return secret.some(byte => byte !== 0) ? secret : null;
  } catch {
    return null;
  }
}

export function encrypt(key: Bytes, nonce: Bytes, associated: Bytes, plaintext: Bytes): Bytes {
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  return Buffer.concat([cipher.setAAD(associated).update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/** Null: nobody sealed this under this key, nonce and associated text. */
export function decrypt(key: Bytes, nonce: Bytes, associated: Bytes, ciphertext: Bytes): Bytes | null {
  if (ciphertext.length < 16) return null;
  const cipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(associated).setAuthTag(ciphertext.subarray(-16));
  try {
    return Buffer.concat([cipher.update(ciphertext.subarray(0, -16)), cipher.final()]);
  } catch {
    return null;
  }
}

export const hkdf = (keying: Bytes, info: Bytes, length: number): Bytes => new Uint8Array(hkdfSync("sha256", keying, "", info, length));

const ascii = (text: string) => Buffer.from(text, "latin1");
const kem = Buffer.concat([ascii("KEM"), Buffer.from([0x00, 0x20])]), suite = Buffer.concat([ascii("HPKE"), Buffer.from([0x00, 0x20, 0x00, 0x01, 0x00, 0x02])]);

const extract = (salt: Bytes, id: Bytes, label: string, keying: Bytes): Bytes => createHmac("sha256", salt).update("HPKE-v1").update(id).update(label).update(keying).digest();

/** RFC 5869, 2.3. No length here is above one hash. */
const expand = (key: Bytes, id: Bytes, label: string, info: Bytes, length: number): Bytes =>
  createHmac("sha256", key).update(Buffer.from([0, length])).update("HPKE-v1").update(id).update(label).update(info).update(Buffer.from([1])).digest().subarray(0, length);

function kemSecret(own: KeyObject, other: Bytes, encapsulated: Bytes, recipient: Bytes): Bytes | null {
  const secret = sharedSecret(own, other);
  return secret && expand(extract(Buffer.alloc(0), kem, "eae_prk", secret), kem, "shared_secret", Buffer.concat([encapsulated, recipient]), 32);
}

function schedule(shared: Bytes, info: Bytes): [Bytes, Bytes] {
  const none = Buffer.alloc(0), context = Buffer.concat([Buffer.from([0]), extract(none, suite, "psk_id_hash", none), extract(none, suite, "info_hash", info)]);
  const secret = extract(shared, suite, "secret", none);
  return [expand(secret, suite, "key", context, 32), expand(secret, suite, "base_nonce", context, 12)];
}

/** HPKE in base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM. Null: the public key is nobody's. ephemeral: of vectors alone. */
export function hpkeSeal(publicKey: Bytes, info: Bytes, associated: Bytes, plaintext: Bytes, ephemeral: Bytes = randomBytes(32)): [Bytes, Bytes] | null {
  const own = privateKey("X25519", ephemeral), encapsulated = publicOf(own), shared = kemSecret(own, publicKey, encapsulated, publicKey);
  return shared && [encapsulated, encrypt(...schedule(shared, info), associated, plaintext)];
}

/** Null: it was not sealed to this key for this purpose, or is not as it was. */
export function hpkeOpen(key: KeyObject, encapsulated: Bytes, info: Bytes, associated: Bytes, ciphertext: Bytes): Bytes | null {
  const shared = kemSecret(key, encapsulated, encapsulated, publicOf(key));
  return shared && decrypt(...schedule(shared, info), associated, ciphertext);
}

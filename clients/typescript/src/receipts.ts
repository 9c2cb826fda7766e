// Receipts, checked offline: a compact JWS (RFC 7515) by EdDSA (RFC 8037), against a key set that was fetched before.
import { ReceiptInvalid } from "./errors.js";

export interface Jwks {
  keys: { kty?: string; crv?: string; x?: string; kid?: string }[];
}

/** What a receipt says. */
export interface ReceiptClaims {
  iss: string;
  jti: string;
  iat: number;
  sub: string;
  user_id: string;
  session_id: string;
  run_id: string;
  service_id: string;
  provider: string;
  amount_micros: number;
  fee_micros: number;
  asset: string;
  source: string;
  paid_by: { kind: string; id: string | null };
  [more: string]: unknown;
}

const lowOrder = new Set([0n, 1n, 2n ** 255n - 20n, 0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n, 0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n]);
const text = new TextEncoder();

/** False where 32 bytes are nobody's key: points of low order verify what no key signed, and y from 2^255-19 on is a second spelling (RFC 8032, 5.1.3). */
export function isKey(key: Uint8Array): boolean {
  if (key.length !== 32) return false;
  const y = [...key].reduceRight((number, byte) => (number << 8n) | BigInt(byte), 0n) & (2n ** 255n - 1n);
  return y < 2n ** 255n - 19n && !lowOrder.has(y);
}

/** True where the signature is the key's over the message. Total over any bytes. */
export async function verifyEd25519(key: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>, signature: Uint8Array<ArrayBuffer>): Promise<boolean> {
  if (!isKey(key) || signature.length !== 64) return false;
  try {
    return await crypto.subtle.verify("Ed25519", await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]), signature, message);
  } catch {
    return false; // Bytes that name no point are nobody's key.
  }
}

/** The key of this name; null: the set has none. A key's name is its thumbprint (RFC 7638), so no set can misname one. */
export async function keyOf(jwks: Jwks, kid: unknown): Promise<Uint8Array<ArrayBuffer> | null> {
  const jwk = jwks.keys.find(key => key.kid === kid);
  if (!jwk) return null;
  const thumbprint = await crypto.subtle.digest("SHA-256", text.encode(`{"crv":"Ed25519","kty":"OKP","x":"${jwk.x}"}`));
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519" || encode(new Uint8Array(thumbprint)) !== kid) throw new ReceiptInvalid(`Key ${kid} is not the one of that name.`);
  const key = decode(jwk.x, "The key");
  if (!isKey(key)) throw new ReceiptInvalid(`Key ${kid} is nobody's: anyone could sign for it.`);
  return key;
}

/** What a receipt says, once its signature is found good. Nothing is asked of anybody. issuer: who has to have signed it; none: whoever has the key. test: it has to be one of play money, which is none of money, as test mode gives them. */
export async function verifyReceipt(token: string, jwks: Jwks, issuer?: string, test = false): Promise<ReceiptClaims> {
  const [head, payload, signature, ...more] = token.split(".");
  if (head === undefined || payload === undefined || signature === undefined || more.length > 0) throw new ReceiptInvalid("It is no compact JWS.");
  const header = json(head, "The header");
  if (header["alg"] !== "EdDSA" || header["typ"] !== (test ? "agora-test-receipt+jwt" : "agora-receipt+jwt") || "crit" in header) throw new ReceiptInvalid("It is no receipt that is signed by EdDSA.");
  const key = await keyOf(jwks, header["kid"]);
  if (!key) throw new ReceiptInvalid("It is signed by no key of the set.");
  const claims = json(payload, "The payload") as ReceiptClaims;
  if (!(await verifyEd25519(key, text.encode(`${head}.${payload}`), decode(signature, "The signature")))) throw new ReceiptInvalid("The signature is not good.");
  if (issuer !== undefined && claims.iss !== issuer) throw new ReceiptInvalid(`It was issued by ${claims.iss}.`);
  return claims;
}

function json(part: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(decode(part, where)));
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (broken) {
    if (broken instanceof ReceiptInvalid) throw broken;
  }
  throw new ReceiptInvalid(`${where} is no JSON object.`);
}

/** Strictly the one spelling: no padding, no stray bits. */
function decode(part: string | undefined, where: string): Uint8Array<ArrayBuffer> {
  if (part === undefined || !/^[A-Za-z0-9_-]*$/.test(part) || part.length % 4 === 1) throw new ReceiptInvalid(`${where} is not base64url.`);
  const bytes = Uint8Array.from(atob(part.replaceAll("-", "+").replaceAll("_", "/")), character => character.charCodeAt(0));
  if (encode(bytes) !== part) throw new ReceiptInvalid(`${where} is not base64url.`);
  return bytes;
}

function encode(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

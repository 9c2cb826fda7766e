// What an agent says of its keys, as compact JWS by its signing key: which key messages are sealed to now, which a card of the registry says too, and which signing key takes the place of this one.
import type { KeyObject } from "node:crypto";
import { base64url, decode, publicOf, sign, thumbprint, verify, type Bytes } from "./primitives.js";

const epochType = "agora-epoch-key+jwt", cardType = "agora-card", rotationType = "agora-key-rotation", mostCharacters = 1024, mostCardCharacters = 16 * 1024;

/** A key of X25519 to which messages are sealed for an epoch, and when it was made, in seconds of Unix time: it rises with each. */
export interface EpochKey {
  publicKey: Bytes;
  made: number;
}

export const ofEpoch = (agent: string, key: EpochKey, by: KeyObject) => jws(epochType, { agent, key: base64url(key.publicKey), made: key.made }, by);

/** n: which rotation of the agent it is, from 1 on. */
export const ofRotation = (agent: string, newKey: Bytes, old: KeyObject, n = 1) => jws(rotationType, { agent_id: agent, n, old_key: jwk("Ed25519", publicOf(old)), new_key: jwk("Ed25519", newKey) }, old);

/** A card of the registry (docs/peers.md): what it says besides agent and keys. */
export const ofCard = (said: object, agent: string, { publicKey }: EpochKey, by: KeyObject) =>
  jws(cardType, { ...said, agent_id: agent, signing_key: jwk("Ed25519", publicOf(by)), encryption_key: { ...jwk("X25519", publicKey), kid: thumbprint("X25519", publicKey) } }, by);

/** Of the statement, or of a card of the registry, whose key to seal to was made when the card was. Null: this agent did not say so by this key. */
export function epochOf(token: unknown, agent: string, signingKey: Bytes): EpochKey | null {
  const said = verified(epochType, token, agent, signingKey), card = said ? null : verified(cardType, token, agent, signingKey);
  const publicKey = said ? decode(said["key"], 32) : decode(keyOf(card?.["encryption_key"]), 32), made = said ? said["made"] : Math.floor(Date.parse(String(card?.["created_at"])) / 1000);
  return publicKey && typeof made === "number" && Number.isSafeInteger(made) && made >= 0 ? { publicKey, made } : null;
}

/** Which rotation it is; 0: it is none. Its signature is not looked at. */
export const numberOf = (rotation: string): number => Number(json(rotation.split(".")[1])?.["n"] ?? 0);

/** True where rotations, in their order and each by the key before, lead from one signing key to the other. */
export function leads(agent: string, from: Bytes, to: Bytes, rotations: readonly unknown[]): boolean {
  const last = rotations.reduce((at: Bytes, token) => decode(keyOf(verified(rotationType, token, agent, at)?.["new_key"]), 32) ?? at, from);
  return Buffer.compare(last, to) === 0;
}

const jwk = (crv: string, key: Bytes) => ({ kty: "OKP", crv, x: base64url(key) });

const keyOf = (value: unknown): unknown => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)["x"] : undefined);

function jws(typ: string, payload: object, by: KeyObject): string {
  const part = (value: object) => base64url(Buffer.from(JSON.stringify(value)));
  const signed = `${part({ alg: "EdDSA", typ, kid: thumbprint("Ed25519", publicOf(by)) })}.${part(payload)}`;
  return `${signed}.${base64url(sign(by, Buffer.from(signed)))}`;
}

function verified(typ: string, token: unknown, agent: string, signingKey: Bytes): Record<string, unknown> | null {
  if (typeof token !== "string" || token.length > (typ === cardType ? mostCardCharacters : mostCharacters)) return null;
  const [head, payload, signature, ...more] = token.split("."), header = json(head), said = json(payload), signed = decode(signature);
  if (!header || !said || !signed || more.length > 0) return null;
  if (header["alg"] !== "EdDSA" || header["typ"] !== typ || header["kid"] !== thumbprint("Ed25519", signingKey) || "crit" in header || said[typ === epochType ? "agent" : "agent_id"] !== agent) return null;
  return verify(signingKey, Buffer.from(`${head}.${payload}`), signed) ? said : null;
}

function json(part: string | undefined): Record<string, unknown> | null {
  const bytes = decode(part);
  if (!bytes) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

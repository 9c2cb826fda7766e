// Who calls a service: HTTP Message Signatures (RFC 9421) by Ed25519, as docs/services.md has them.
import { createHash } from "node:crypto";
import { keyOf, verifyEd25519, type Jwks } from "../receipts.js";

export type FindKey = (kid: string) => Promise<Uint8Array<ArrayBuffer> | null>;

const tag = "agora-service-call", apartSeconds = 60, lookAgainMs = 10_000;
/** What whyNot says of a signature that is made for another address, too. */
export const notSigned = "The signature is not Agora's.";
const always = ["@method", "@target-uri", "idempotency-key"], withBody = ["content-type", "content-digest"];

/** Agora's public keys, read from its /.well-known/jwks.json. A key that is not known is looked up again, but not more often than every ten seconds. */
export function keySet(url: string): FindKey {
  let jwks: Jwks = { keys: [] }, readAt = -Infinity, reading: Promise<void> = Promise.resolve();
  const read = async () => {
    const response = await fetch(url, { redirect: "manual", signal: AbortSignal.timeout(5000) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    jwks = (await response.json()) as Jwks;
  };
  return async kid => {
    const found = await keyOf(jwks, kid);
    if (found) return found;
    if (performance.now() - readAt >= lookAgainMs) [readAt, reading] = [performance.now(), read()];
    await reading;
    return keyOf(jwks, kid);
  };
}

/**
 * null: Agora has called. Else a sentence that says why that is not known.
 * @param url the endpoint as it was registered: what the caller says of itself in Host proves nothing.
 * @param headers names in lower case.
 */
export async function whyNot(method: string, url: string, headers: Record<string, string | undefined>, body: Uint8Array, find: FindKey, now = Date.now() / 1000): Promise<string | null> {
  const [, params, names, rest] = /^agora=(\(((?:"[^"\\()]*"(?: "[^"\\()]*")*)?)\)((?:;[a-z]+=(?:"[^"\\;]*"|\d{1,15}))*))$/.exec(headers["signature-input"] ?? "") ?? [];
  if (params === undefined || names === undefined || rest === undefined) return "There is no signature of Agora's.";
  const covered = [...names.matchAll(/"([^"]*)"/g)].map(match => match[1]!);
  const said = new Map([...rest.matchAll(/;([a-z]+)="?([^";]*)"?/g)].map(match => [match[1]!, match[2]!]));
  const wanted = [...always, ...(method === "POST" ? withBody : []), ...["agora-max-cost-cents", "agora-try"].filter(name => headers[name] !== undefined)];
  if (new Set(covered).size !== covered.length || !wanted.every(name => covered.includes(name))) return "The signature does not cover what it has to.";
  if (said.get("tag") !== tag || (said.get("alg") ?? "ed25519") !== "ed25519") return "The signature is of another kind.";
  const created = said.get("created") ?? "";
  if (!/^\d{1,15}$/.test(created) || Math.abs(now - Number(created)) > apartSeconds) return "The signature was made at another time.";
  if (method === "POST" && headers["content-digest"] !== `sha-256=:${createHash("sha256").update(body).digest("base64")}:`) return "The digest is not the body's.";
  const key = await find(said.get("keyid") ?? "");
  if (!key) return "The signature's key is not known.";
  const values: Record<string, string | undefined> = { ...headers, "@method": method, "@target-uri": url };
  if (covered.some(name => values[name] === undefined)) return "The signature covers what is not there.";
  const base = [...covered.map(name => `"${name}": ${values[name]}`), `"@signature-params": ${params}`].join("\n");
  const signature = /^agora=:([A-Za-z0-9+/]*={0,2}):$/.exec(headers["signature"] ?? "")?.[1];
  const good = signature !== undefined && (await verifyEd25519(key, Uint8Array.from(Buffer.from(base)), Uint8Array.from(Buffer.from(signature, "base64"))));
  return good ? null : notSigned;
}

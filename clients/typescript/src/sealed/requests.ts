// Signed requests: HTTP Message Signatures (RFC 9421, Ed25519) with Content-Digest (RFC 9530), as docs/signed-requests.md has them.
import { createHash, randomBytes, type KeyObject } from "node:crypto";
import { publicOf, sign, thumbprint } from "./primitives.js";

export interface SignedRequest {
  method: string;
  /** As it is called, with its query. */
  url: string;
  body?: string | undefined;
  /** Of the agent's own; none: the request is the agent's own. */
  session?: string | undefined;
  tenant?: string | undefined;
  /** That it has besides: those that decide what is done are signed. */
  headers?: Record<string, string> | undefined;
}

/** Fields that decide what is done: each is signed where it is sent. */
const DECIDING = ["idempotency-key", "payment-signature", "x-payment", "stream-closed", "stream-seq", "producer-id", "producer-epoch", "producer-seq", "content-type", "upgrade"];

/** What a request has in place of a bearer token. now: seconds of Unix time. */
export function signedHeaders(key: KeyObject, agent: string, { method, url, body, session, tenant = "default", headers: sent = {} }: SignedRequest, now: number): Record<string, string> {
  const headers: Record<string, string> = {}, covered: [string, string][] = [["@method", method], ["@target-uri", url]];
  if (body !== undefined) covered.push(["content-digest", (headers["content-digest"] = `sha-256=:${createHash("sha256").update(body).digest("base64")}:`)]);
  if (session !== undefined) covered.push(["agora-session", (headers["agora-session"] = session)]);
  const besides = new Headers(sent);
  for (const name of DECIDING) if (besides.has(name)) covered.push([name, besides.get(name)!]);
  const names = covered.map(([name]) => `"${name}"`).join(" "), keyid = `${tenant}.${agent}#${thumbprint("Ed25519", publicOf(key))}`;
  const said = `(${names});created=${now};keyid="${keyid}";alg="ed25519";nonce="${randomBytes(16).toString("hex")}";tag="agora-request"`;
  const base = [...covered.map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${said}`].join("\n");
  return { ...headers, "signature-input": `agora=${said}`, signature: `agora=:${Buffer.from(sign(key, Buffer.from(base, "ascii"))).toString("base64")}:` };
}

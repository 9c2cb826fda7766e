// What Agora signs, signed by a key of the tests.
import { createHash, createPrivateKey, createPublicKey, sign, type KeyObject } from "node:crypto";

export interface Key { secret: KeyObject; jwk: { kty: string; crv: string; x: string; kid: string } }

/** RFC 8410: a PKCS #8 key of a seed. */
export function keyOf(seed: Uint8Array): Key {
  const secret = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]), format: "der", type: "pkcs8" });
  const x = createPublicKey(secret).export({ format: "jwk" }).x!;
  return { secret, jwk: { kty: "OKP", crv: "Ed25519", x, kid: createHash("sha256").update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest("base64url") } };
}

export function token(key: Key, claims: object, header: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "EdDSA", typ: "agora-receipt+jwt", kid: key.jwk.kid, ...header })}.${part(claims)}`;
  return `${signed}.${sign(null, Buffer.from(signed), key.secret).toString("base64url")}`;
}

export function call(key: Key, method: string, url: string, body: string, run: string, { created = Math.floor(Date.now() / 1000), maxCost, tag = "agora-service-call", without }: { created?: number; maxCost?: string; tag?: string; without?: string } = {}): Record<string, string> {
  const headers: Record<string, string> = { "idempotency-key": run };
  if (method === "POST") Object.assign(headers, { "content-type": "application/json", "content-digest": `sha-256=:${createHash("sha256").update(body).digest("base64")}:` });
  if (maxCost) headers["agora-max-cost-cents"] = maxCost;
  const values = Object.fromEntries(Object.entries({ "@method": method, "@target-uri": url, ...headers }).filter(([name]) => name !== without));
  const params = `(${Object.keys(values).map(name => `"${name}"`).join(" ")});created=${created};keyid="${key.jwk.kid}";alg="ed25519";nonce="n";tag="${tag}"`;
  const base = [...Object.entries(values).map(([name, value]) => `"${name}": ${value}`), `"@signature-params": ${params}`].join("\n");
  return { ...headers, "signature-input": `agora=${params}`, signature: `agora=:${sign(null, Buffer.from(base), key.secret).toString("base64")}:` };
}

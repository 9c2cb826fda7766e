// Verifies a signed request by public packages. Standard input: {key (JWK), method, url, headers}; standard output: what each package says.
import { createPublicKey } from "node:crypto";
import { createVerifier, httpbis } from "http-message-signatures";
import { verifySignature, webcrypto } from "http-message-sig";

const { key, method, url, headers } = JSON.parse(await new Response(process.stdin).text());
const covered = ["@method", "@target-uri", "content-digest", "agora-session", "idempotency-key"], publicKey = await crypto.subtle.importKey("jwk", key, { name: "Ed25519" }, false, ["verify"]);

const said = { "http-message-signatures": false, "http-message-sig": false };
try {
  said["http-message-signatures"] = await httpbis.verifyMessage({
    keyLookup: async ({ keyid }) => ({ id: keyid, algs: ["ed25519"], verify: createVerifier(createPublicKey({ key, format: "jwk" }), "ed25519") }),
    requiredFields: covered, requiredParams: ["created", "keyid", "nonce", "tag"], maxAge: 60, all: true,
  }, { method, url, headers });
} catch (refused) {
  said.why = String(refused);
}
try {
  const verified = await verifySignature(new Request(url, { method, headers }), {
    policy: { algorithms: ["ed25519"], requiredComponents: covered, requiredParameters: ["created", "keyid", "nonce", "tag"], maxAge: 60, clockSkew: 5 },
    resolveVerifier: () => webcrypto.verifier(publicKey),
  });
  said["http-message-sig"] = Boolean(verified);
} catch (refused) {
  said.whyNot = String(refused);
}
console.log(JSON.stringify(said));

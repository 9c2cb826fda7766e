// Signs requests by public packages and sends them. Standard input: {address, key (JWK), keyid, requests: [{signer, method, path, body, session}]}; standard output: what each was answered.
import { createHash, createPrivateKey, randomUUID } from "node:crypto";
import { createSigner, httpbis } from "http-message-signatures";
import { appendSignature, createSignature, webcrypto } from "http-message-sig";
import { serializeDictionary } from "structured-headers";

const { address, key, keyid, requests } = JSON.parse(await new Response(process.stdin).text());
const cryptoKey = await crypto.subtle.importKey("jwk", key, { name: "Ed25519" }, false, ["sign"]);

const signers = {
  async "http-message-signatures"(request) {
    const { headers } = await httpbis.signMessage({
      key: createSigner(createPrivateKey({ key, format: "jwk" }), "ed25519", keyid),
      fields: request.components,
      params: ["created", "keyid", "alg", "nonce", "tag"],
      paramValues: { created: new Date(), nonce: randomUUID(), tag: "agora-request" },
    }, { method: request.method, url: request.url, headers: request.headers });
    return headers;
  },
  async "http-message-sig"(request) {
    const message = new Request(request.url, { method: request.method, headers: request.headers });
    const fields = await createSignature(message, {
      label: "sig1",
      components: request.components,
      parameters: { created: Math.floor(Date.now() / 1000), keyid, alg: "ed25519", nonce: randomUUID(), tag: "agora-request" },
      signer: webcrypto.signer(cryptoKey),
    });
    return Object.fromEntries(appendSignature(message.headers, fields));
  },
};

const answers = [];
for (const { signer, method, path, body, session } of requests) {
  const request = { method, url: `${address}${path}`, headers: {}, components: ["@method", "@target-uri"] };
  if (body !== undefined && body !== null) {
    request.headers["content-type"] = "application/json";
    request.headers["content-digest"] = serializeDictionary({ "sha-512": [new Uint8Array(createHash("sha512").update(body).digest()).buffer, new Map()] });
    request.components.push("content-digest", "content-type");
  }

  if (session) {
    request.headers["agora-session"] = session;
    request.components.push("agora-session");
  }

  const headers = await signers[signer](request);
  const answer = await fetch(request.url, { method, headers, body });
  answers.push({ status: answer.status, body: await answer.json() });
}

console.log(JSON.stringify(answers));

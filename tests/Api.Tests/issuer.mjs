// An issuer of another maker. It prints where it is; then a line of JSON in, a line out: a new key, or a token by a key with what it shall say.
import { createInterface } from "node:readline";
import { OAuth2Server } from "oauth2-mock-server";

const server = new OAuth2Server();
await server.issuer.keys.generate("RS256");
await server.start(0, "127.0.0.1");
console.log(server.issuer.url);
for await (const line of createInterface({ input: process.stdin })) {
  const { key, kid, claims } = JSON.parse(line);
  console.log(key ? (await server.issuer.keys.generate(key)).kid : await server.issuer.buildToken({ kid, scopesOrTransform: (_, payload) => Object.assign(payload, claims) }));
}

await server.stop();

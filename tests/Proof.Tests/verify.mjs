// node verify.mjs, a request on standard input: prints whether its signature is good.
import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createVerifier, httpbis } from "http-message-signatures";

const { key, ...request } = JSON.parse(readFileSync(0, "utf8"));
const verify = createVerifier(createPublicKey({ key, format: "jwk" }), "ed25519");
const keyLookup = async ({ keyid }) => (keyid === key.kid ? { id: keyid, algs: ["ed25519"], verify } : null);
// The times in it are a test's own.
const good = await httpbis.verifyMessage({ keyLookup, all: true, notAfter: new Date(8.64e15), tolerance: 1e12 }, request);
console.log(good === true);

// One message from standard input: v1 by the package of Standard Webhooks, v1a by node's own crypto. It says what holds.
import { createPublicKey, verify } from "node:crypto";
import { Webhook } from "standardwebhooks";

const { headers, body, secret, publicKey } = JSON.parse(await new Response(process.stdin).text());
const key = createPublicKey({ key: Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), Buffer.from(publicKey.replace("whpk_", ""), "base64")]), format: "der", type: "spki" });
const signed = Buffer.from(`${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`);
const v1a = headers["webhook-signature"].split(" ").some((one) => one.startsWith("v1a,") && verify(null, signed, key, Buffer.from(one.slice(4), "base64")));
let v1 = null;
try {
  v1 = new Webhook(secret).verify(body, headers).type;
} catch (refused) {
  v1 = refused.message;
}

console.log(JSON.stringify({ v1, v1a }));

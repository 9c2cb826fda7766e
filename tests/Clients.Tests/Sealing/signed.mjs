// A command on standard input: the client for TypeScript signs its requests.
import { readFileSync } from "node:fs";
import { Agent } from "../../../clients/typescript/dist/src/index.js";
import { KeyRing } from "../../../clients/typescript/dist/src/sealed/index.js";

const { ring: path, url, key, user, called, body } = JSON.parse(readFileSync(0, "utf8"));
const ring = KeyRing.load(path);
const own = new Agent({ url, keys: ring });
const { status } = (await own.request("POST", `/agents/${ring.agent}/heartbeat`, { body: { lease_seconds: 60 } })).data;
const agent = new Agent({ url, key, userId: user, scopes: { budget_limit_cents: 1 }, keys: ring });
const acts_as = (await agent.request("GET", "/agent/session/tree", { query: { schemas: "full" } })).data.tree.agent_id;
await agent.close();
const sent = { "Idempotency-Key": "once" };
console.log(JSON.stringify({ status, acts_as, headers: { ...sent, ...ring.signRequest({ method: "POST", url: called, body, session: "session-1", headers: sent }) } }));

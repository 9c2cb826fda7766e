import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { after, beforeEach, test } from "node:test";
import { flag, integer, list, Metered, nullable, object, oneOf, optional, Refused, serve, service, text, TryAgain } from "../src/provider/index.js";
import { call, keyOf } from "./signing.js";

const key = keyOf(Uint8Array.from({ length: 32 }, (_, at) => at)), runs: unknown[] = [], cancelled: string[] = [];
let held: Promise<void> | null = null;

const counter = service({
  id: "counter", description: "Counts words.", category: "text", provider: "provider-c", priceCents: 1, cancelled: run => void cancelled.push(run),
  input: object({ parts: list(object({ word: text({ min: 1 }), times: optional(integer(), 1) })), mode: optional(oneOf("plain", "loud", "later", "broken"), "plain"), note: optional(nullable(text())) }),
  output: object({ count: integer() }),
}, async ({ parts, mode }) => {
  runs.push(mode);
  await held;
  if (mode === "loud") throw new Refused("Not so loud.");
  if (mode === "later" && runs.length === 1) throw new TryAgain();
  if (mode === "broken") throw new Error("broken");
  return { count: parts.reduce((sum, part) => sum + (part.times ?? 1), 0) };
});
const stream = service({ id: "stream", category: "text", provider: "provider-c", priceCents: 1, input: object({ most: integer(), breaks: optional(flag()) }), output: integer() }, async function* ({ most, breaks }) {
  runs.push("stream");
  for (let at = 0; at < most; at++) yield at;
  if (breaks) throw new Error("broken");
});
const meter = service({ id: "meter", category: "text", provider: "provider-c", maxPriceCents: 10, input: object({}), output: object({ most: nullable(text()) }) }, (_, { maxCostCents }) => new Metered({ most: maxCostCents ?? null }, "1.5"));

const { url, server } = await serve([counter, stream, meter], { port: 0, log: () => undefined, verify: async kid => (kid === key.jwk.kid ? Uint8Array.from(Buffer.from(key.jwk.x, "base64url")) : null) });
after(() => (server.closeAllConnections(), server.close()));
beforeEach(() => void ([runs.length, cancelled.length, held] = [0, 0, null]));

async function called(path: string, value: unknown, run = crypto.randomUUID() as string, { method = "POST", maxCost, change = {} }: { method?: string; maxCost?: string; change?: Record<string, string> } = {}) {
  const body = typeof value === "string" ? value : JSON.stringify(value), signed = call(key, method, `${url}/${path}`, body, run, maxCost ? { maxCost } : {});
  const response = await fetch(`${url}/${path}`, { method, headers: { ...signed, ...change }, ...(method === "POST" ? { body } : {}) });
  const said = await response.text();
  return { status: response.status, body: said === "" ? null : JSON.parse(said), cost: response.headers.get("agora-cost-cents") };
}

test("its schemas are said once", () => {
  const said = counter.definition("https://text.example/") as { endpoint: string; input_schema: { required: string[]; properties: Record<string, { default?: unknown }> } };
  assert.deepEqual([said.endpoint, said.input_schema.required, said.input_schema.properties["mode"]?.default], ["https://text.example/counter", ["parts"], "plain"]);
  assert.deepEqual([stream.outputSchema, (meter.definition("") as { max_price_cents: number }).max_price_cents], [{ type: "array", items: { type: "integer" } }, 10]);
});

test("the same run is done once and answered the same", async () => {
  const first = await called("counter", { parts: [{ word: "a", times: 2 }] }, "same"), again = await called("counter", { parts: [{ word: "a", times: 2 }] }, "same");
  assert.deepEqual([first.status, first.body, again, runs.length], [200, { count: 2 }, first, 1]);
  assert.equal((await called("counter", { parts: [] }, "same")).status, 409);
});

test("two at once are one execution", async () => {
  let go = () => {};
  held = new Promise(done => (go = done));
  const both = [called("counter", { parts: [] }, "both"), called("counter", { parts: [] }, "both")];
  setImmediate(go);
  assert.deepEqual((await Promise.all(both)).map(one => one.body), [{ count: 0 }, { count: 0 }]);
  assert.equal(runs.length, 1);
});

test("of several at once one is executed at a time, also where the first is for later", async () => {
  const open = await serve([counter, meter], { port: 0, log: () => undefined, verify: false }), headers = { "content-type": "application/json" };
  after(() => (open.server.closeAllConnections(), open.server.close()));
  const post = (path: string, value: unknown, run: string) => fetch(`${open.url}/${path}`, { method: "POST", headers: { ...headers, "idempotency-key": run }, body: JSON.stringify(value) });
  let go = () => {}, left = 3, came = () => {};
  const three = new Promise<void>(done => (came = done));
  held = new Promise(done => (go = done));
  open.server.on("request", () => --left === 0 && came());
  const answers = Promise.all([1, 2, 3].map(async () => (await post("counter", { parts: [], mode: "later" }, "three")).status));
  await three;
  await post("meter", {}, "behind-them");
  go();
  assert.deepEqual([(await answers).sort(), runs.length], [[200, 200, 503], 2]);
});

test("each violation of the input is named, and nothing is run", async () => {
  const { status, body } = await called("counter", { parts: [{ times: true }], mode: "shy", agora_check: 1 });
  assert.deepEqual([status, body.error.code, runs], [422, "validation_failed", []]);
  assert.deepEqual(body.error.details.map((one: { path: string; keyword: string }) => `${one.path} ${one.keyword}`).sort(), ["/agora_check additionalProperties", "/mode enum", "/parts/0/times type", "/parts/0/word required"]);
  assert.equal((await called("counter", "{no json")).status, 400);
});

test("what it refuses, and what breaks, stands; what is for later does not", async () => {
  for (const [mode, status] of [["loud", 422], ["broken", 500]] as const) {
    runs.length = 0;
    assert.deepEqual([(await called("counter", { parts: [], mode }, mode)).status, (await called("counter", { parts: [], mode }, mode)).status, runs.length], [status, status, 1]);
  }
  runs.length = 0;
  assert.deepEqual([(await called("counter", { parts: [], mode: "later" }, "later")).status, (await called("counter", { parts: [], mode: "later" }, "later")).status], [503, 200]);
});

test("a stream is one array, and what breaks off has no end", async () => {
  for (const _ of [1, 2]) assert.deepEqual((await called("stream", { most: 3 }, "three")).body, [0, 1, 2]);
  assert.deepEqual((await called("stream", { most: 0 }, "none")).body, []);
  assert.equal(runs.length, 2);
  await assert.rejects(called("stream", { most: 3, breaks: true }, "breaks"));
  assert.equal((await called("stream", { most: 3, breaks: true }, "breaks")).status, 500);
});

test("a metered service says its cost, and a run that is taken back is told", async () => {
  assert.deepEqual(await called("meter", {}, "meter", { maxCost: "5" }), { status: 200, body: { most: "5" }, cost: "1.5" });
  assert.deepEqual([(await called("counter", "", "run-9", { method: "DELETE" })).status, cancelled], [204, ["run-9"]]);
  assert.equal((await called("stream", "", "run-9", { method: "DELETE" })).status, 404);
});

test("who is not Agora is refused", async () => {
  const body = JSON.stringify({ parts: [] }), now = Math.floor(Date.now() / 1000);
  const wrong: Record<string, string>[] = [
    { signature: "agora=:AAAA:" }, { signature: "" }, { "signature-input": "" }, { "idempotency-key": "another" }, { "content-digest": "sha-256=:AAAA:" }, { "agora-max-cost-cents": "1000" }, { "agora-try": "true" },
    call(key, "POST", `${url}/stream`, body, "run"), call(key, "POST", `${url}/counter`, body, "run", { created: now - 61 }), call(key, "POST", `${url}/counter`, body, "run", { created: now + 90 }), call(key, "POST", `${url}/counter`, body, "run", { tag: "else" }),
    ...["@method", "@target-uri", "idempotency-key", "content-type", "content-digest"].map(without => call(key, "POST", `${url}/counter`, body, "run", { without })),
    call(keyOf(new Uint8Array(32)), "POST", `${url}/counter`, body, "run"),
  ];
  for (const change of wrong) assert.equal((await called("counter", body, "run", { change })).status, 401, JSON.stringify(change));
  assert.deepEqual([(await called("counter", body, "run")).status, runs.length], [200, 1]);
});

test("a call that is signed for another address is refused with both addresses, and a missing or too long url is warned of once at start", async () => {
  const logged: string[] = [], log = (said: unknown) => void logged.push(String(said)), verify = async () => Uint8Array.from(Buffer.from(key.jwk.x, "base64url")), body = '{"parts":[]}';
  for (const set of [undefined, "https://texts.example/counter", "https://texts.example"]) {
    const one = await serve([counter], { port: 0, log, verify, ...(set ? { url: set } : {}) });
    one.server.close();
  }
  assert.equal(logged.length, 2);
  assert.match(logged[0]!, /^url is not set, so only calls to http:\/\/127\.0\.0\.1:\d+ are accepted/);
  assert.match(logged[1]!, /only calls to https:\/\/texts\.example\/counter\/counter are accepted/);

  const { server: door } = await serve([counter], { port: 0, log, verify, url: "https://texts.example" }), { port } = door.address() as AddressInfo;
  after(() => (door.closeAllConnections(), door.close()));
  const refused = await fetch(`http://127.0.0.1:${port}/counter`, { method: "POST", body, headers: call(key, "POST", "https://staging.example/counter", body, "elsewhere") });
  const { message } = ((await refused.json()) as { error: { message: string } }).error;
  assert.deepEqual([refused.status, logged.at(-1), runs.length], [401, message, 0]);
  assert.ok(message.includes("signed for https://texts.example/counter.") && message.includes(`This call came to 127.0.0.1:${port}/counter.`), message);
});

test("another body under the headers of one that was signed is refused", async () => {
  const signed = '{"parts":[]}', change = call(key, "POST", `${url}/counter`, signed, "changed");
  assert.deepEqual([(await called("counter", '{"parts":[ ]}', "changed", { change })).status, (await called("counter", signed, "changed", { change })).status], [401, 200]);
});

test("the bounds of a body", async () => {
  assert.equal((await called("counter", " ".repeat(262_145))).status, 413);
  assert.equal((await called("nothing", {})).status, 404);
});

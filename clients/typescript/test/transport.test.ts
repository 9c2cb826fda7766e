import assert from "node:assert/strict";
import { test } from "node:test";
import { Agent, AgoraError, AuthenticationError, Conflict, families, NoAnswer, NotAllowed, PaymentRequired, RateLimited, ServiceFailed, SessionLost, Transport, type Reply, type Request, type RetryOptions } from "../src/index.js";
import { codes } from "../src/schema.js";
import { pages } from "../src/transport.js";
import { lost, ok, refusal, Script, type Scripted } from "./scripted.js";

async function sent(answers: Scripted[], more: Partial<Request> & { retry?: RetryOptions } = {}) {
  const script = await Script.of(...answers), slept: number[] = [];
  let now = 0;
  const transport = new Transport(script.url, more.retry, async seconds => void (slept.push(seconds), (now += seconds)), () => now);
  const outcome = await transport.send<Record<string, unknown>>({ method: "POST", path: "/x", token: "t", body: {}, ...more }).catch((error: unknown) => error as AgoraError);
  script.close();
  return { script, slept, outcome, different: new Set(script.keys).size };
}

const data = (outcome: Reply<Record<string, unknown>> | AgoraError) => ("data" in outcome ? outcome.data : assert.fail(outcome));

test("a lost reply is asked again under the same key", async () => {
  const { script, outcome, different } = await sent([lost, lost, ok({ a: 1 })]);
  assert.deepEqual([data(outcome), script.keys.length, different], [{ a: 1 }, 3, 1]);
});

test("what somebody in between answers is no answer", async () => {
  const { script, different } = await sent([{ status: 502, body: "<html>" }, { status: 200, body: "{cut" }, ok()]);
  assert.deepEqual([script.keys.length, different], [3, 1]);
});

test("the same key waits as it is told", async () => {
  const { slept, different } = await sent([refusal(429, "rate_limited", "same_key", 12), refusal(409, "idempotency_in_flight", "same_key", 1), ok()]);
  assert.deepEqual([slept, different], [[12, 1], 1]);
});

test("a new key is taken after a service has failed, and not for ever", async () => {
  const { outcome, different } = await sent(Array.from({ length: 9 }, () => refusal(502, "upstream_failed", "new_key", 5)));
  assert.ok(outcome instanceof ServiceFailed);
  assert.equal(different, 3);
});

test("a key of the caller is never replaced", async () => {
  const { script, outcome } = await sent([refusal(502, "upstream_failed", "new_key", 5)], { key: "mine" });
  assert.ok(outcome instanceof ServiceFailed && outcome.key === "mine");
  assert.deepEqual(script.keys, ["mine"]);
});

test("never, and what has to change first, are told at once", async () => {
  for (const [answer, family] of [[refusal(403, "scope_violation"), NotAllowed], [refusal(402, "payment_required", "same_key"), PaymentRequired], [refusal(409, "run_cancelled", "new_key"), Conflict]] as const) {
    const { script, outcome } = await sent([answer]);
    assert.ok(outcome instanceof family);
    assert.equal(script.keys.length, 1);
  }
});

test("a wait beyond the deadline is not begun, and tries are counted", async () => {
  const late = await sent([refusal(429, "rate_limited", "same_key", 61)], { retry: { deadline: 60 } });
  assert.ok(late.outcome instanceof RateLimited);
  assert.deepEqual(late.slept, []);
  const never = await sent([lost, lost, lost], { retry: { attempts: 3 } });
  assert.ok(never.outcome instanceof NoAnswer && never.outcome.key === never.script.keys[0]);
});

test("a token is renewed once", async () => {
  const { script, outcome } = await sent([refusal(401, "session_expired"), refusal(401, "session_expired")], { renew: async () => "new" });
  assert.ok(outcome instanceof AuthenticationError);
  assert.deepEqual(script.tokens, ["Bearer t", "Bearer new"]);
});

test("a session that ended behind a lost reply is not replaced", async () => {
  for (const unanswered of [lost, refusal(409, "idempotency_in_flight", "same_key", 0)] as const) {
    const script = await Script.of(unanswered, refusal(401, "session_expired"));
    await assert.rejects(new Agent({ url: script.url, key: "key", agentId: "a", userId: "u", token: "old", retry: { attempts: 3 } }).run("s", {}), SessionLost).finally(() => script.close());
    assert.equal(script.keys.length, 2);
  }
});

test("a redirect is not followed", async () => {
  const { script, outcome } = await sent([{ status: 302, body: {} }]);
  assert.ok(outcome instanceof AgoraError);
  assert.equal(script.keys.length, 1);
});

test("a list goes on from its cursor, and ends with it", async () => {
  const asked: object[] = [], left = [{ items: [1, 2], offset: 0, limit: 2, next_cursor: "c" }, { items: [3, 4], offset: 0, limit: 2, next_cursor: null }], found: number[] = [];
  const get = async (part: object) => (asked.push(part), { data: left.shift(), status: 200, nextActions: [], requestId: null, replayed: false, retryAfter: null });
  for await (const item of pages<number>(get, { limit: 2, sponsored: true, q: undefined })) found.push(item);
  assert.deepEqual([found, asked], [[1, 2, 3, 4], [{ limit: 2, sponsored: "true" }, { limit: 2, sponsored: "true", cursor: "c" }]]);
});

test("each code has a family", () => assert.deepEqual(Object.keys(families).sort(), [...codes].sort()));

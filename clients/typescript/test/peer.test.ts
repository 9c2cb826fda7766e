// Agents among agents, against a server: CLIENT_TEST_URL and CLIENT_TEST_ADMIN_KEY.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Agent, allScopes, AgoraError, AuthenticationError, Operator, Peer, Unanswered, type Heard, type PeerOptions } from "../src/index.js";
import { integer, object, Refused, service } from "../src/provider/index.js";
import { KeyRing, type KeyWarning } from "../src/sealed/index.js";
import { refusal, Script } from "./scripted.js";

const { CLIENT_TEST_URL: url = "", CLIENT_TEST_ADMIN_KEY: admin = "" } = process.env;
const skip = url ? false : "CLIENT_TEST_URL names no server";
const operator = new Operator({ url, key: admin }), folder = mkdtempSync(join(tmpdir(), "agora-peer-"));
after(() => rmSync(folder, { recursive: true }));

async function peer(name: string, more: PeerOptions = {}): Promise<Peer> {
  const agent = `${name}-${crypto.randomUUID().slice(0, 8)}`;
  return new Peer({ url, key: await keyOf(agent), seal: true, keysPath: join(folder, `${agent}.json`), ...more });
}

async function keyOf(agent: string): Promise<string> {
  await operator.request("PUT", `/admin/agents/${agent}`, { body: {} });
  return (await operator.request<{ key: string }>("POST", `/admin/agents/${agent}/keys`, { body: {} })).data.key;
}

async function between(one: Peer, other: Peer): Promise<string> {
  const { conversation_id } = (await one.open([other.agentId])).data;
  await other.join(conversation_id);
  return conversation_id;
}

async function next(by: Peer): Promise<Heard> {
  for await (const heard of by.inbox()) if (heard.kind === "message") return heard;
  throw new Error("An inbox has no end.");
}

async function take<T>(items: AsyncIterable<T>, most = Infinity): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) if (found.push(item) >= most) break;
  return found;
}

test("what is said sealed is read by its recipient, and the server has ciphertext", { skip }, async () => {
  const [alice, bob] = [await peer("alice"), await peer("bob")], talk = await between(alice, bob);
  await alice.say(talk, { secret_rate: 7 });
  const heard = await next(bob);
  assert.deepEqual([heard.sealed, heard.content, heard.agent_id], [true, { secret_rate: 7 }, alice.agentId]);
  const carried = (await take(bob["there"]())).map(([, entry]) => entry).find(entry => entry.kind === "message")!;
  assert.equal(carried.content_type, "application/vnd.agora.sealed+json");
  assert.doesNotMatch(JSON.stringify(carried), /secret_rate/);
  assert.ok((await take(alice.messages(talk))).some(own => own.sealed && (own.content as { secret_rate: number }).secret_rate === 7));
});

test("a request is answered in parts, and on behalf of who asked", { skip }, async () => {
  const [alice, bob, carol] = [await peer("alice"), await peer("bob"), await peer("carol")], ab = await between(alice, bob), bc = await between(bob, carol);
  const asked = take(alice.askInParts(ab, "count"));
  const request = await next(bob), help = bob.ask(bc, "help", 60, { onBehalfOf: request });
  const served = await next(carol);
  assert.deepEqual(served.path, [alice.agentId]);
  await carol.reply(served, 3);
  await bob.replyInParts(request, [1, 2, (await help).content]);
  assert.deepEqual((await asked).map(part => [part.content, part.sealed]), [[1, true], [2, true], [3, true]]);
});

test("without a reply in time it is unanswered", { skip }, async () => {
  const [alice, bob] = [await peer("alice", { seal: false }), await peer("bob", { seal: false })], talk = await between(alice, bob);
  await assert.rejects(alice.ask(talk, "?", 1, { messageId: "question-1" }), (error: Unanswered) => error instanceof Unanswered && error.messageId === "question-1");
});

test("a peer with another key than before is warned of, and nothing is sealed to it or opened until it is accepted; a rotated one goes on", { skip }, async () => {
  const warnings: KeyWarning[] = [], alice = await peer("alice"), bobs = `bob-${crypto.randomUUID()}`, ring = KeyRing.create(bobs);
  ring.accept(KeyRing.create(alice.agentId).card); // Of alice bob has seen a key that is none of hers now.
  const bob = new Peer({ url, key: await keyOf(bobs), seal: true, keys: ring, keyChanged: warning => void warnings.push(warning) });
  const talk = await between(alice, bob);
  await alice.say(talk, "hello");
  const heard = await next(bob);
  assert.deepEqual([heard.unopened, warnings.map(one => [one.agent, one.isRotation])], ["key_changed", [[alice.agentId, false]]]);
  await assert.rejects(bob.say(talk, "who are you?"), { code: "key_changed" });
  await bob.accept(alice.agentId);
  await bob.reply(heard, "now I know");
  assert.equal((await next(alice)).content, "now I know");

  const told: KeyWarning[] = [], carol = await peer("carol", { keyChanged: warning => void told.push(warning) }), ac = await between(alice, carol);
  await carol.say(ac, 1);
  await alice.rotateSigningKey();
  await alice.rotateSigningKey();
  await alice.say(ac, 2);
  assert.equal((await next(carol)).content, 2);
  assert.deepEqual(told.map(one => [one.agent, one.isRotation]), [[alice.agentId, true]]);
});

test("who only listens has the key of the day too, and signs as long as its card stands", { skip }, async () => {
  let ahead = 0;
  const alice = await peer("alice", { seal: false }), bobs = `bob-${crypto.randomUUID()}`, ring = KeyRing.create(bobs, undefined, { now: () => Date.now() + ahead });
  const bob = new Peer({ url, key: await keyOf(bobs), seal: true, keys: ring }), talk = await between(alice, bob), card = async () => (await alice.request<Record<string, { x: string }>>("GET", `/agents/${bobs}`)).data;
  const first = await card();
  await alice.say(talk, "x");
  ahead = 86_400_000;
  await next(bob);
  const then = await card();
  assert.deepEqual([then["signing_key"], then["encryption_key"]!.x === first["encryption_key"]!.x], [first["signing_key"], false]);

  ahead = 0;
  const signing = new Peer({ url, keys: ring, sign: true }); // Without any API key.
  await signing.say(talk, "signed");
  assert.equal((await next(alice)).content, "signed");
  await signing.rotateSigningKey();
  assert.equal((await card())["signing_key"]!.x, ring.card.signingKey);
  assert.notEqual(first["signing_key"]!.x, ring.card.signingKey);
  await operator.request("POST", `/admin/agents/${bobs}/revoke-card`, { body: { reason: "stolen" } });
  await assert.rejects(signing.say(talk, "once more"), (error: AuthenticationError) => error instanceof AuthenticationError && (error.details as { fault: string }).fault === "revoked_key");
});

test("rotations that begin while the card is put wait for it and for each other", { skip }, async () => {
  const alice = await peer("alice", { seal: false }), bobs = `bob-${crypto.randomUUID()}`, ring = KeyRing.create(bobs);
  await new Peer({ url, key: await keyOf(bobs), sign: true, keys: ring }).register({ description: "First" });
  const bob = new Peer({ url, keys: ring, sign: true }), cards = await bob["cards"](), put = cards["own"], rotated: Promise<void>[] = [];
  await bob.open([alice.agentId]);
  Object.assign(cards, {
    own: (method: string, body?: unknown) => {
      if (method === "PUT" && rotated.length === 0) rotated.push(bob.rotateSigningKey(), bob.rotateSigningKey());
      return put(method, body);
    },
  });
  await bob.register({ description: "Then" });
  await Promise.all(rotated);
  await bob.open([alice.agentId]);
  const stands = (await alice.request<{ signing_key: { x: string }; description: string; rotations: string[] }>("GET", `/agents/${bobs}`)).data;
  assert.deepEqual([stands.signing_key.x, stands.description, stands.rotations.length], [ring.card.signingKey, "Then", 2]);
});

test("a stream that is cut at any byte loses nothing and repeats nothing", { skip }, async () => {
  const [alice, bob] = [await peer("alice", { seal: false }), await peer("bob", { seal: false })], talk = await between(alice, bob);
  let last = 0;
  for (const n of [0, 1, 2]) last = (await alice.say(talk, `${n}: ü, 日本\n`)).data.number;
  const stream = await recorded(bob, last), text = Buffer.from(stream), whole = [...stream.matchAll(/"number":(\d+),/g)].map(([, number]) => Number(number));
  let cut = 0, connections = 0;
  const server = createServer((request, response) => {
    const last = request.headers["last-event-id"], from = last === undefined ? 0 : text.indexOf("\n\n", text.indexOf(`id: ${last}\n`)) + 2;
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (connections++ > 0) return void response.write(text.subarray(from));
    const part = text.subarray(0, cut);
    cut % 2 === 0 ? response.end(part) : response.write(part.length > 0 ? part : " ", () => response.destroy());
  });
  await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
  try {
    for (cut = 0; cut < text.length; cut += 7) {
      connections = 0;
      const replayed = new Peer({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: "agk2_live_default.a.b.c" });
      Object.assign(replayed.transport, { sleep: () => Promise.resolve() });
      assert.deepEqual((await take(replayed.inbox(), whole.length)).map(entry => entry.number), whole, `cut at ${cut}`);
      assert.equal(connections, 2);
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test("a refusal ends an inbox, and so does a server that is away for longer than the deadline", async () => {
  const refused = await Script.of(refusal(401, "unauthorized"));
  await assert.rejects(take(new Peer({ url: refused.url, key: "agk2_live_default.a.b.c" }).inbox()), AuthenticationError);
  refused.close();
  let time = 0;
  const away = new Peer({ url: "http://127.0.0.1:1", key: "agk2_live_default.a.b.c" }), waits: number[] = [];
  Object.assign(away.transport, { now: () => time, sleep: async (seconds: number) => void (waits.push(seconds), (time += seconds)) });
  await assert.rejects(take(away.inbox()), { code: "no_answer" });
  assert.ok(time >= 120 && time < 128 && waits.at(-1)! > 8 * waits[0]!);
});

test("a skill serves a paid run, and what it refuses costs nothing", { skip }, async () => {
  const seller = await peer("seller"), mark = crypto.randomUUID().slice(0, 8);
  await seller.register({ skills: [{ id: `halve-${mark}`, name: "Halving", description: "Halves even numbers" }] });
  const half = service({ id: `half-${mark}`, category: "text", provider: `agent:${seller.agentId}`, priceCents: 4, input: object({ n: integer() }), output: integer() }, ({ n }) => {
    if (n % 2) throw new Refused("It is odd.");
    return n / 2;
  });
  await operator.request("PUT", `/admin/services/half-${mark}`, { body: half.definition(`skill:halve-${mark}`) });
  const buying = `buyer-${mark}`, key = await keyOf(buying);
  await operator.request("POST", `/admin/wallets/agent:${buying}/deposit`, { body: { amount_cents: 100 } });
  await operator.request("PUT", `/admin/users/user-${mark}`, { body: { attributes: {} } });
  await operator.request("PUT", `/admin/users/user-${mark}/grants/${buying}`, { body: { scopes: { ...allScopes, allowed_peers: [seller.agentId], budget_limit_cents: 50 } } });
  const buyer = new Agent({ url, key, userId: `user-${mark}`, retry: { newKeys: 0 } }), ended = new AbortController();
  await seller.heartbeat();
  const offering = seller.offer([half], { signal: ended.signal });
  const { data: run } = await buyer.run(`half-${mark}`, { n: 6 }, { maxPriceCents: 4 });
  assert.deepEqual([run.output, run.payment?.amount_cents, run.served_by], [3, 4, seller.agentId]);
  await assert.rejects(buyer.run(`half-${mark}`, { n: 7 }, { maxPriceCents: 4 }), AgoraError);
  assert.equal((await buyer.wallet()).data.available_cents, 96);
  ended.abort();
  await offering;
});

/** What a server sends up to the entry of this number. */
async function recorded(by: Peer, last: number): Promise<string> {
  const cut = new AbortController(), response = await fetch(`${url}/agent/inbox`, { headers: { accept: "text/event-stream", authorization: `Bearer ${by["key"]}` }, signal: cut.signal });
  let text = "";
  for await (const part of response.body!.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>) as unknown as AsyncIterable<string>) {
    text += part;
    if (text.includes(`"number":${last},`) && text.endsWith("\n\n")) break;
  }
  cut.abort();
  return text;
}

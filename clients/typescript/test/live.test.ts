// Against a server: CLIENT_TEST_URL, CLIENT_TEST_KEY (the platform key) and CLIENT_TEST_ADMIN_KEY, with the demo's catalogue.
import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo } from "node:net";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, allScopes, AuthenticationError, InvalidRequest, NotFound, Operator, PaymentRequired, verifyReceipt, type AgentOptions } from "../src/index.js";

const { CLIENT_TEST_URL: url = "", CLIENT_TEST_KEY: key = "", CLIENT_TEST_ADMIN_KEY: admin = "" } = process.env;
const all = async <T, R = T>(items: AsyncIterable<T>, of: (item: T) => R = item => item as unknown as R): Promise<R[]> => {
  const found: R[] = [];
  for await (const item of items) found.push(of(item));
  return found;
};
const skip = url ? false : "CLIENT_TEST_URL names no server";
const input = { text: "Agora runs services. Sponsors pay for them. Nothing acknowledged is lost.", sentences: 1 };
const coffee = { cups_per_day: 2, place: "home", favourite_times: ["morning"], comment: "Black, in a large cup." };

function agent(more: AgentOptions = {}): Agent {
  const name = crypto.randomUUID();
  return new Agent({ url, key, agentId: `ts-agent-${name}`, userId: `ts-user-${name}`, scopes: { ...allScopes, allowed_payees: ["*"], budget_limit_cents: 100 }, ...more });
}

async function sponsored(more: AgentOptions = {}): Promise<Agent> {
  const made = agent(more);
  await made.complete("morning-coffee-survey", coffee, ["data_sharing"]);
  return made;
}

/** Passes connections on, and of the first replies of runs as many as `lose` not: the server has done what it was asked, and the caller does not know. */
async function lossyProxy(lose: number): Promise<{ url: string; close: () => void }> {
  const { hostname, port } = new URL(url);
  const server = createServer(near => {
    const far = connect(Number(port), hostname);
    let isRun = false;
    near.on("data", part => ((isRun ||= part.includes("/run HTTP/1.1")), far.write(part))).on("error", () => far.destroy()).on("close", () => far.destroy());
    far.on("data", part => void (isRun && lose-- > 0 ? near.destroy() : near.write(part))).on("error", () => near.destroy()).on("close", () => near.destroy());
  });
  await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => void server.close() };
}

test("the whole flow", { skip }, async () => {
  const made = agent(), found = await all(made.services("summary"), service => service.service_id);
  assert.ok(found.includes("text-summary"));
  assert.ok((await all(made.tasks(), task => task.campaign_id)).includes("morning-coffee-survey"));
  const { task } = (await made.task("morning-coffee-survey")).data;
  assert.ok((await made.complete("morning-coffee-survey", coffee, task.consents)).data.unlocked_services.includes("text-summary"));
  const run = (await made.run("text-summary", input)).data;
  assert.deepEqual([run.state, run.payment?.amount_cents, run.payment?.source], ["succeeded", 2, "sponsor"]);
  const { token, claims } = await made.receipt(run.run_id);
  assert.deepEqual([claims.run_id, claims.amount_micros, await verifyReceipt(token, await made.jwks())], [run.run_id, 20_000, claims]);
  assert.deepEqual(await all(made.runs(), one => one.run_id), [run.run_id]);
  assert.ok((await all(made.history({ limit: 2 }), entry => entry.operation)).includes("run_service"));
  assert.equal((await made.status()).data.budget.remaining_cents, 98);
  await made.close();
});

test("lists are iterated page after page", { skip }, async () => {
  const made = agent(), operator = new Operator({ url, key: admin });
  assert.deepEqual(await all(made.services("", { limit: 1 })), await all(made.services("")));
  for (let at = 0; at < 3; at++) await made.status();
  const listed = (limit: number) => all(operator.all<{ id: string }>("/admin/audit", { agent_id: made.agentId!, limit }), entry => entry.id);
  assert.deepEqual(await listed(1), await listed(100));
});

test("lost replies are charged once", { skip }, async () => {
  const proxy = await lossyProxy(2), made = await sponsored({ url: proxy.url });
  const run = await made.run("text-summary", input);
  proxy.close();
  assert.ok(run.replayed);
  const payments = await all(new Operator({ url, key: admin }).all<{ run_id: string }>("/admin/payments", { agent_id: made.agentId! }), payment => payment.run_id);
  assert.deepEqual(payments, [run.data.run_id]);
});

test("a run that goes on is waited for", { skip }, async () => {
  const made = await sponsored(), begun = await made.run("text-summary", input, { wait: 0 });
  assert.equal((await made.waitFor(begun.data.run_id)).data.state, "succeeded");
});

test("money goes from wallet to wallet", { skip }, async () => {
  const [payer, payee] = [agent(), agent()];
  await payee.open();
  await new Operator({ url, key: admin }).request("POST", `/admin/wallets/agent:${payer.agentId}/deposit`, { body: { amount_cents: 10 } });
  const { data } = await payer.transfer(`agent:${payee.agentId}`, 2.5, "for the text");
  assert.equal(data.state === "pending" ? (await payer.waitFor(data.transfer_id)).data.state : data.state, "succeeded");
  assert.equal((await payer.wallet()).data.balance_cents, 7.5);
});

test("a session that is over is opened again", { skip }, async () => {
  // Long enough for the requests that follow on a loaded machine: a session that ends before its first request is opened again once only.
  const made = agent({ expiresInSeconds: 10 }), first = (await made.open()).data.session_id;
  for (; made.session?.session_id === first; await made.status()) await pause(500);
  assert.equal((await made.status()).data.session.session_id, made.session?.session_id);
});

test("what is delegated is narrower", { skip }, async () => {
  const made = agent(), below = await made.delegate("ts-below", { budget_limit_cents: 10 });
  assert.deepEqual([(await below.status()).data.budget.limit_cents, (await made.tree()).data.node_count], [10, 2]);
  await below.close();
});

test("refusals are typed", { skip }, async () => {
  const made = agent();
  await assert.rejects(made.run("text-summary", { text: 1 }), (error: InvalidRequest) => error instanceof InvalidRequest && JSON.stringify(error.details).includes("/input/text"));
  await assert.rejects(made.run("text-summary", input), (error: PaymentRequired) => error instanceof PaymentRequired && error.nextActions.length > 0 && error.requestId !== null);
  await assert.rejects(made.run("no-such-service", input), NotFound);
  await assert.rejects(new Agent({ url, key: "wrong", agentId: "a", userId: "u" }).open(), AuthenticationError);
});

test("next actions lead to a paid run", { skip }, async () => {
  const made = agent(), words = { output: coffee, consents: [{ type: "data_sharing", granted: true }], input };
  await made.task("morning-coffee-survey");
  for (let step = 0; step < 8; step++) {
    const { data } = await made.follow(made.nextActions[0]!, words);
    if ("payment" in data) return assert.equal(data["state"], "succeeded");
  }
  assert.fail("Nothing was paid.");
});

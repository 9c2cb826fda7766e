// node calls.mjs ADDRESS PLATFORM_KEY: opens a session, finds a service, does the task that pays for it, runs it and prints how that ended. Nothing but the types is
// known of the API: they are generated from its OpenAPI document.
import type { operations } from "./schema.mjs";

declare const process: { argv: [string, string, string, string] };
const [, , address, platformKey] = process.argv;

type Body<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;
type Answers<O> = O extends { responses: infer R } ? { [S in keyof R]: R[S] extends { content: { "application/json": infer J } } ? J : never }[keyof R] : never;
type Succeeded<O> = Extract<Answers<O>, { status: "success" }>;

async function call<Name extends keyof operations>(method: string, path: string, key: string, body?: Body<operations[Name]>): Promise<Succeeded<operations[Name]>> {
  const response = await fetch(address + path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = (await response.json()) as Answers<operations[Name]>;
  if (answer.status === "error") throw new Error(`${answer.error.code}, retry ${answer.error.retry}: ${answer.error.message}`);
  return answer as Succeeded<operations[Name]>;
}

const { data: session } = await call<"auth">("POST", "/agent/auth", platformKey, {
  agent_id: "typed-agent",
  user_id: "typed-user",
  scopes: { allowed_task_types: ["*"], allowed_data_types: ["*"], allowed_categories: ["*"], allowed_consents: ["*"], budget_limit_cents: 100 },
});
const { data: found } = await call<"search_services">("GET", "/agent/services?limit=100", session.token);
const service = found.services[0]!;
const completion = { output: { rating: 5, why: "It works", again: true }, consents: [{ type: "data_sharing", granted: true }] };
await call<"complete_task">("POST", `/agent/tasks/${service.sponsors[0]!.campaign_id}/complete`, session.token, completion);
const { data: run } = await call<"run_service">("POST", `/agent/services/${service.service_id}/run`, session.token, { input: { text: "A long text." } });
console.log(`${run.state} ${run.service_id} ${run.payment?.amount_cents ?? 0}`);

// @ts-expect-error What is not in a reply is not in its type; where it were, this line would not compile.
run.states;
// @ts-expect-error Nor is what no request has.
const wrong: Body<operations["auth"]> = { agent_id: "a", user_id: "u", scope: {} };

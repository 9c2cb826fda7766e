// An agent that does a sponsor's task, has a service paid by it, and checks the receipt offline: AGENT_API_URL, AGENT_API_KEY, node first-run.js.
import { Agent, allScopes } from "../src/index.js";

const agent = new Agent({ agentId: "example-agent", userId: "example-user-ts", scopes: { ...allScopes, budget_limit_cents: 100 } });
for await (const service of agent.services("summary", { limit: 1 })) {
  for (const sponsor of service.sponsors.filter(one => !one.task_completed)) {
    const { task } = (await agent.task(sponsor.campaign_id)).data;
    await agent.complete(sponsor.campaign_id, { cups_per_day: 2, place: "home", favourite_times: ["morning"], comment: "Black, in a large cup." }, task.consents);
  }
  const run = (await agent.run(service.service_id, { text: "Agora runs services. Sponsors pay for them. Nothing acknowledged is lost." })).data;
  const { claims } = await agent.receipt(run.run_id);
  console.log(`${run.payment?.payer} paid ${run.payment?.amount_cents} cents to ${claims.provider}; the receipt is signed by ${claims.iss}.`);
  break;
}
await agent.close();

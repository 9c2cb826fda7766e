// node walk.mjs URL TOKEN REVISION: walks the sponsored flow with the public TypeScript client of the revision, by next actions alone. Each try has an id of its own, which the client makes.
// Prints the state of the run, what it cost, and how many of five further tries were told that it is done.
const [url, token, revision] = process.argv.slice(2);
const sdk = revision === "2025-11-25" ? "@modelcontextprotocol/sdk" : `mcp-sdk-${revision}`; // the newest of the revision
const { Client, StreamableHTTPClientTransport } = revision === "2026-07-28"
  ? await import("@modelcontextprotocol/client")
  : { ...(await import(`${sdk}/client/index.js`)), ...(await import(`${sdk}/client/streamableHttp.js`)) };

const client = new Client({ name: "walk", version: "1" }, revision === "2026-07-28" ? { versionNegotiation: { mode: { pin: revision } } } : {});
await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { Authorization: `Bearer ${token}` } } }));
await client.listTools(); // from here on it holds results to their schemas

const call = async (name, args) => (await client.callTool({ name, arguments: args })).structuredContent;
const written = {
  get_task: {},
  complete_task: { output: { rating: 5, why: "It works", again: true }, consents: [{ type: "data_sharing", granted: true }] },
  run_service: { input: { text: "A long text." } },
};

let [name, args] = ["search_services", {}];
let result;
for (let steps = 0; name !== "run_service" && steps < 6; steps++) {
  result = await call(name, args);
  const next = result.next_actions.find(({ tool }) => tool in written);
  [name, args] = [next.tool, { ...next.arguments, ...written[next.tool] }];
}

const first = await call(name, args);
const tries = [await call(name, args), ...(await Promise.all([1, 2, 3, 4].map(() => call(name, args))))];
const done = tries.filter((one) => one.already_done && one.data.run_id === first.data.run_id).length;
const read = JSON.parse((await client.readResource({ uri: `agora://runs/${first.data.run_id}/receipt` })).contents[0].text);
const { budget } = (await call("flow_status", {})).data;
console.log([first.data.state, read.amount_cents, budget.spent_cents, done].join(" "));
await client.close();

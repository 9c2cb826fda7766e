// node hub-client.mjs API OPERATOR_KEY TOKEN URL: the hub as the client of a server at URL. Registers it as an upstream, approves all that can be, and runs each tool once, with the arguments that the scenario gives or that the schema wants.
const [api, operator, token, url] = process.argv.slice(2);
const calls = JSON.parse(process.env.MCP_CONFORMANCE_CONTEXT ?? "{}").toolCalls ?? [];
const id = `c${Date.now().toString(36)}`;

async function ask(method, path, body, key = operator, headers = {}) {
  const answer = await fetch(api + path, { method, headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers }, body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (answer.status >= 500 && json.error?.code === "internal") throw new Error(JSON.stringify(json));
  return { ...json, status: answer.status };
}

const samples = { string: "x", integer: 1, number: 1, boolean: true, array: [], object: {}, null: null };
const sample = (schema = {}) => Object.fromEntries((schema.required ?? []).map(name => [name, samples[schema.properties?.[name]?.type] ?? "x"]));
const withoutNulls = input => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null)); // the tools' schemas want a value or none

await ask("PUT", `/admin/upstreams/${id}`, { urls: [url.replace("localhost", "127.0.0.1")], category: "checks", price_cents: 0, provider: "checks" });
const refreshed = await ask("POST", `/admin/upstreams/${id}/refresh`, {});
console.log(refreshed.data?.state, refreshed.data?.failure);
const { tools } = (await ask("GET", `/admin/upstreams/${id}/tools`)).data;
const focal = tools.find(tool => tool.offered?.name === "json_schema_2020_12_tool")?.offered.input_schema; // which its scenario wants to see as the hub keeps it
for (const tool of tools) {
  console.log(tool.service_id, tool.state, tool.unusable ?? "");
  if (tool.state !== "offered") continue;
  await ask("POST", `/admin/upstreams/${id}/tools/${tool.service_id}/approve`, { hash: tool.offered.hash });
  const given = calls.filter(call => call.name === tool.offered.name).map(call => call.arguments);
  for (const input of given.length > 0 ? given.map(withoutNulls) : [tool.offered.name === "json_schema_echo" ? { schema: focal } : sample(tool.offered.input_schema)]) {
    let run;
    do run = await ask("POST", `/agent/services/${tool.service_id}/run`, { input }, token, { "idempotency-key": crypto.randomUUID() });
    while ([404, 503].includes(run.status)); // agents have it a moment after the approval
    console.log(tool.service_id, run.status, run.error?.message ?? "");
  }
}

await ask("DELETE", `/admin/upstreams/${id}`);

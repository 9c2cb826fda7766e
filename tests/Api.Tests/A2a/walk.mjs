// Walks an agent with the public SDK of the A2A protocol, as any client would. Standard input: {address, agent, key, transport, extensions}; standard output: what it met.
import { ClientFactory, ClientFactoryOptions, DefaultAgentCardResolver, JsonRpcTransportFactory, RestTransportFactory } from "@a2a-js/sdk/client";
import { Role, TaskState } from "@a2a-js/sdk";
import { randomUUID } from "node:crypto";

const { address, agent, key, transport, extensions, begun } = JSON.parse(await new Response(process.stdin).text());
const fetchImpl = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, Authorization: `Bearer ${key}` } });
const factory = new ClientFactory(ClientFactoryOptions.createFrom(ClientFactoryOptions.default, {
  transports: [new JsonRpcTransportFactory({ fetchImpl }), new RestTransportFactory({ fetchImpl })],
  preferredTransports: [transport],
  cardResolver: new DefaultAgentCardResolver({ fetchImpl }),
}));
const options = { serviceParameters: extensions.length ? { "A2A-Extensions": extensions.join(",") } : {} };
const client = await factory.createFromUrl(`${address}/a2a/${agent}/.well-known/agent-card.json`, "");

const message = (text, more = {}) => ({ messageId: randomUUID(), contextId: "", taskId: "", role: Role.ROLE_USER, parts: [{ content: { $case: "text", value: text }, metadata: undefined, filename: "", mediaType: "" }], metadata: undefined, extensions: [], referenceTaskIds: [], ...more });
const request = (sent, configuration = {}) => ({ tenant: "", message: sent, configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, historyLength: undefined, returnImmediately: false, ...configuration }, metadata: undefined });
const state = (task) => TaskState[task.status.state];
const texts = (task) => task.artifacts.flatMap((artifact) => artifact.parts.map((part) => part.content.value));
const refusal = async (act) => { try { await act(); return null; } catch (error) { return error.name; } };
const eventOf = ({ payload: { $case, value } }) => $case === "task" ? [`task ${state(value)}`, value.metadata] : $case === "statusUpdate" ? [state(value), value.metadata] : [`${value.artifact.artifactId}: ${value.artifact.parts[0].content.value}`, value.metadata];
const met = { protocol: client.transport.protocolName, name: (await client.getAgentCard(options)).name, skills: client.agentCard.skills.map((skill) => skill.id), extensions: client.agentCard.capabilities.extensions.map((extension) => extension.uri) };

// A message, until its task is over; the very same again is the same task.
const first = message("echo Hello");
const done = await client.sendMessage(request(first), options);
met.echoed = [state(done), ...texts(done), done.history.length];
met.again = (await client.sendMessage(request(first), options)).id === done.id;
met.got = (await client.getTask({ tenant: "", id: done.id, historyLength: 0 }, options)).history.length;
met.closed = await refusal(() => client.sendMessage(request(message("more", { taskId: done.id })), options));

// Asked back, and answered, in two turns.
const asked = await client.sendMessage(request(message("ask", { contextId: "colours" })), options);
met.asked = [state(asked), asked.contextId, asked.status.message.parts[0].content.value];
const told = await client.sendMessage(request(message("echo blue", { taskId: asked.id, contextId: asked.contextId })), options);
met.told = [state(told), told.id === asked.id, ...texts(told)];

// As it happens; then from the middle on, in another stream.
met.streamed = [];
for await (const event of client.sendMessageStream(request(message("count 4")), options)) met.streamed.push(eventOf(event));

// Begun, looked at, listed, canceled.
const left = await client.sendMessage(request(message("silent", { contextId: "left" }), { returnImmediately: true }), options);
const listening = (async () => { const events = []; for await (const event of client.resubscribeTask({ tenant: "", id: left.id }, options)) events.push(eventOf(event)[0]); return events; })();
const list = await client.listTasks({ tenant: "", contextId: "left", status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: "", pageSize: 10, historyLength: undefined, statusTimestampAfter: undefined, includeArtifacts: undefined }, options);
met.listed = [list.tasks.length, list.tasks[0]?.id === left.id, list.totalSize, list.nextPageToken];
met.all = (await client.listTasks({ tenant: "", contextId: "", status: TaskState.TASK_STATE_COMPLETED, pageToken: "", includeArtifacts: true }, options)).tasks.map((task) => texts(task).join(""));
met.canceled = state(await client.cancelTask({ tenant: "", id: left.id, metadata: undefined }, options));
met.heard = (await listening).at(-1);
met.twice = await refusal(() => client.cancelTask({ tenant: "", id: done.id, metadata: undefined }, options));
met.over = await refusal(async () => { for await (const _ of client.resubscribeTask({ tenant: "", id: left.id }, options)); });
met.unknown = await refusal(() => client.getTask({ tenant: "", id: "none" }, options));
met.push = await refusal(() => client.transport.getTaskPushNotificationConfig({ tenant: "", taskId: left.id, id: "one" }, { ...options, serviceParameters: { ...options.serviceParameters, "A2A-Version": "1.0" } }));
console.log(JSON.stringify(met));

// A client of another maker: the WebSockets of npm ws, and protobufjs with our schema. From standard input where to connect; what came on standard output.
import protobuf from "protobufjs";
import WebSocket from "ws";

const { url, protocol, schema, sender, reader, conversation, count } = JSON.parse(await new Response(process.stdin).text());
const isJson = protocol === "agora.v1.json";
const types = isJson ? null : await protobuf.load(schema);
const [client, server] = isJson ? [] : ["ClientFrame", "ServerFrame"].map((name) => types.lookupType(`agora.v2.${name}`));

// One shape for both: { listen: {...} } out, and in { said: {...} } and so on.
const encode = (frame) => {
  const [type, members] = Object.entries(frame)[0];
  if (!isJson) {
    const content = members.content === undefined ? {} : { content: Buffer.from(JSON.stringify(members.content)) };
    const plain = { [type]: { ...members, ...content } };
    const wrong = client.verify(plain);
    if (wrong) throw new Error(wrong);
    return client.encode(client.create(plain)).finish();
  }
  const { id, conversationId, content, messageId, replyTo, more, ...rest } = members;
  const said = type === "say" ? { message: { content, ...(messageId ? { message_id: messageId } : {}), ...(replyTo ? { reply_to: replyTo } : {}), ...(more ? { more } : {}) } } : {};
  return JSON.stringify({ type, ...(id === undefined ? {} : { id, conversation_id: conversationId }), ...said, ...rest });
};
const decode = (data, isBinary) => {
  if (isBinary === isJson) throw new Error("the wrong type of message");
  if (!isJson) return server.toObject(server.decode(data), { longs: Number });
  const { type, ...members } = JSON.parse(data.toString());
  return { [type]: members };
};
const open = (key) =>
  new Promise((opened, failed) => {
    const socket = new WebSocket(url, [protocol], { headers: { Authorization: `Bearer ${key}` } });
    socket.on("open", () => opened(socket));
    socket.on("error", failed);
    socket.on("unexpected-response", (_, response) => failed(new Error(`${response.statusCode}`)));
  });

const speaks = await open(sender);
const listens = await open(reader);
const told = [];
const parts = [];
let partCame;
const part = new Promise((came) => (partCame = came));
const answers = [];
let pings = 0;
listens.on("ping", () => pings++);
const done = new Promise((all, failed) => {
  listens.on("message", (data, isBinary) => {
    const frame = decode(data, isBinary);
    for (const entry of frame.entries?.entries ?? frame.entries ?? []) {
      if (entry.kind !== "message") continue;
      if (entry.more) {
        parts.push({ more: entry.more, replyTo: entry.reply_to ?? entry.replyTo });
        partCame();
        continue;
      }
      told.push(isJson ? entry.content : JSON.parse(Buffer.from(entry.content).toString()));
      listens.send(encode({ credit: { credits: 1 } }));
    }
    if (told.length === count) all();
  });
  listens.on("close", (code, reason) => failed(new Error(`${code} ${reason}`)));
});
const answered = new Promise((all, failed) => {
  speaks.on("message", (data, isBinary) => {
    const frame = decode(data, isBinary);
    if (frame.refused) return failed(new Error(JSON.stringify(frame.refused)));
    if (frame.said && frame.said.id !== 9002) answers.push({ id: frame.said.id ?? 0, number: frame.said.number });
    if (answers.length === count) all();
  });
});

listens.send(encode({ listen: { credits: 3 } }));
for (let id = 0; id < count; id++) speaks.send(encode({ say: { id, conversationId: conversation, content: { n: id, words: "naïve 😀" } } }));
await answered;
await done;

// A refusal, and an acknowledgement that frees what waited.
const last = answers.at(-1).number;
const next = (socket, name) => new Promise((got) => socket.on("message", (data, isBinary) => { const frame = decode(data, isBinary); if (frame[name]) got(frame[name]); }));
const refusal = next(speaks, "refused");
speaks.send(encode({ say: { id: 9000, conversationId: "00000000-0000-7000-8000-00000000dead", content: 1 } }));
const refused = await refusal;
const acknowledged = next(listens, "acknowledged");
listens.send(encode({ acknowledge: { id: 9001, conversationId: conversation, number: last } }));
const upTo = (await acknowledged).acknowledged;
speaks.send(encode({ say: { id: 9002, conversationId: conversation, content: "first", replyTo: "q1", more: true } }));
await part;

// What is no frame: the close has its code.
const closed = new Promise((got) => speaks.on("close", (code) => got(code)));
speaks.send(isJson ? "{}" : Buffer.from([0xff, 0xff]));
const code = await closed;
listens.removeAllListeners("close");
listens.close(1000);
console.log(JSON.stringify({ told, answers, refused: (refused.error ?? refused).code, refusedId: refused.id, upTo, last, code, parts }));
process.exit(0);

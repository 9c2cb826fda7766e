// An agent of the client for TypeScript: asks another, or answers one request. Its command is on standard input.
import { readFileSync } from "node:fs";
import { Peer } from "../../../clients/typescript/dist/src/index.js";

const { url, key, keys, other } = JSON.parse(readFileSync(0, "utf8")), me = new Peer({ url, key, seal: true, keysPath: keys });
if (other) {
  const talk = (await me.open([other])).data.conversation_id, reply = await me.ask(talk, { by: "TypeScript" });
  console.log(JSON.stringify({ conversation: talk, content: reply.content, sealed: reply.sealed }));
} else {
  for await (const request of me.inbox()) {
    if (request.kind !== "message") continue;
    await me.reply(request, { heard: request.content, by: "TypeScript" });
    break;
  }
  console.log("{}");
}

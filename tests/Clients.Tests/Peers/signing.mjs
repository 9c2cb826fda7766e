// An agent of the client for TypeScript that signs its requests. Its command is on standard input.
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, AgoraError, Peer } from "../../../clients/typescript/dist/src/index.js";
import { KeyRing } from "../../../clients/typescript/dist/src/sealed/index.js";

const { url, key, keys, ahead = 0, session, messages, other, user, rotate } = JSON.parse(readFileSync(0, "utf8"));
if (user) {
  const agent = new Agent({ url, keys: KeyRing.load(keys), userId: user, expiresInSeconds: 10 }), first = (await agent.open()).data.session_id;
  for (; agent.session.session_id === first; await agent.status()) await pause(500);
  const within = (await agent.status()).data.session.session_id;
  await agent.close();
  console.log(JSON.stringify({ first, then: agent.session.session_id, within, after: await agent.status().catch((error) => error.details.fault) }));
  process.exit();
}
const me = new Peer({ url, sign: true, sessionId: session, ...(key ? { key, keysPath: keys } : { keys: KeyRing.load(keys, { now: () => Date.now() + 1000 * ahead }) }) });
if (messages) {
  const heard = [];
  for await (const entry of me.inbox()) {
    if (entry.kind !== "message") continue;
    await me.reply(entry, { heard: entry.content });
    if (heard.push(entry.content) === messages) break;
  }
  console.log(JSON.stringify({ heard }));
} else {
  try {
    if (rotate) await me.rotateSigningKey();
    const talk = (await me.open([other])).data.conversation_id;
    console.log(JSON.stringify({ number: (await me.say(talk, "one")).data.number }));
  } catch (error) {
    if (!(error instanceof AgoraError)) throw error;
    console.log(JSON.stringify({ family: error.constructor.name, code: error.code, fault: error.details?.fault, message: error.message }));
  }
}

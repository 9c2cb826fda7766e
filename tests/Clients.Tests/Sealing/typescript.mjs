// A command on standard input, done by the client for TypeScript: node typescript.mjs
import { readFileSync } from "node:fs";
import { KeyRing, SealedError } from "../../../clients/typescript/dist/src/sealed/index.js";

const { ring: path, cards, content, content_type: type, message, sender, conversation, message_id: id } = JSON.parse(readFileSync(0, "utf8"));
const ring = KeyRing.load(path), card = ({ agent, signing_key: signingKey, epoch_key: epochKey, rotations }) => ({ agent, signingKey, epochKey, rotations });
const done = () => {
  if (cards) return { message: ring.seal(Buffer.from(content, "base64url"), type, conversation, id, cards.map(card)) };
  const opened = ring.open(message, conversation, id, card(sender));
  return { content_type: opened.contentType, content: Buffer.from(opened.content).toString("base64url"), recipients: opened.recipients };
};
try {
  console.log(JSON.stringify(done()));
} catch (refused) {
  if (!(refused instanceof SealedError)) throw refused;
  console.log(JSON.stringify({ code: refused.code }));
}

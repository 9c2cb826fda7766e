// A command on standard input, done by no client: node others.mjs
import { readFileSync } from "node:fs";
import { b64, exchangeOf, open, publicOf, seal, unb64 } from "./noble.mjs";

const { ring: path, cards, content, content_type: type, message, sender, conversation, message_id: id } = JSON.parse(readFileSync(0, "utf8"));
const ring = JSON.parse(readFileSync(path, "utf8")), seed = unb64(ring.signing), epochs = ring.epochs.map(one => unb64(one.key));
const keyOf = card => [card.agent, unb64(JSON.parse(Buffer.from(card.epoch_key.split(".")[1], "base64url")).key)];
if (cards) {
  console.log(JSON.stringify({ message: seal([conversation, id, ring.agent], unb64(content), type, [[ring.agent, exchangeOf(epochs.at(-1))], ...cards.map(keyOf)], seed) }));
} else {
  const opened = open([conversation, id, sender.agent], message, ring.agent, epochs, sender.agent === ring.agent ? publicOf(seed) : unb64(sender.signing_key));
  console.log(JSON.stringify({ content_type: opened.type, content: b64(opened.content), recipients: opened.recipients }));
}

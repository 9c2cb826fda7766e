// A provider's service: node text-summarizer.js [PORT]; with --definition it prints the body of PUT /admin/services/{service_id}.
import { integer, object, optional, Refused, serve, service, text } from "../src/provider/index.js";

const article = text({ description: "What is to be read.", min: 1, max: 50_000 });

function* fitting(words: string, most: number): Generator<string> {
  for (const [sentence] of words.matchAll(/[^.!?。！？]+[.!?。！？]*/gu)) {
    most -= sentence.trim().length + 1;
    if (sentence.trim() && most >= -1) yield sentence.trim();
  }
}

const summarize = service({
  id: "text-summarizer", name: "Text summarizer", description: "Keeps the first sentences of a text that fit.", category: "writing", provider: "provider-summarizer", priceCents: 2,
  input: object({ text: article, max_length: optional(integer({ description: "Characters of the summary.", min: 20, max: 5_000 }), 200) }),
  output: object({ summary: text(), sentences: integer(), length: integer() }),
}, ({ text, max_length = 200 }) => {
  const kept = [...fitting(text, max_length)], summary = kept.join(" ");
  if (kept.length === 0) throw new Refused("The first sentence is longer than max_length.");
  return { summary, sentences: kept.length, length: summary.length };
});

const sentences = service({
  id: "text-sentences", name: "Sentence splitter", description: "Sends a text's sentences, each when it is found, as far as they fit.", category: "writing", provider: "provider-summarizer", priceCents: 1,
  input: object({ text: article, max_length: optional(integer({ min: 20, max: 50_000 }), 50_000) }),
  output: text(),
}, function* ({ text, max_length = 50_000 }) {
  yield* fitting(text, max_length);
});

const port = Number(process.argv.slice(2).find(word => /^\d+$/.test(word)) ?? 9000);
if (process.argv.includes("--definition")) {
  console.log(JSON.stringify(summarize.definition(`http://127.0.0.1:${port}`), null, 2));
} else {
  console.log(`text-summarizer answers at ${(await serve([summarize, sentences], { port })).url}/text-summarizer`);
}

// Calls of a model at a rate, whether or not the last ones are answered: node bench/models-rate.mjs URL PATH MODEL TOKENS RATE SECONDS. models.sh calls it. A call that is late to begin counts from when it was to begin.
import { readFileSync } from "node:fs";
import http from "node:http";

const [url, path, model, file, rate, seconds] = process.argv.slice(2);
const tokens = readFileSync(file, "utf8").trim().split("\n");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1_000 });
const body = Buffer.from(JSON.stringify({ model, max_tokens: 20, messages: [{ role: "system", content: "You answer in a few words." }, { role: "user", content: "What does a call of a model cost, and who pays for it?" }] }));
const took = [];
let failed = 0;

function one(n, due) {
  return new Promise(resolve => {
    const request = http.request(`${url}${path}`, { method: "POST", agent, headers: { Authorization: `Bearer ${tokens[n % tokens.length]}`, "Content-Type": "application/json", "Content-Length": body.length } }, response => {
      if (response.statusCode !== 200) failed++;
      response.resume();
      response.on("end", () => { took.push(performance.now() - due); resolve(); });
    });
    request.on("error", () => { failed++; resolve(); });
    request.end(body);
  });
}

const calls = [], start = performance.now(), all = rate * seconds;
for (let n = 0; n < all;) {
  const now = performance.now();
  for (; n < all && start + (n * 1_000) / rate <= now; n++) calls.push(one(n, start + (n * 1_000) / rate));
  await new Promise(resolve => setTimeout(resolve, 1));
}
await Promise.all(calls);
const sorted = took.slice(Math.floor(took.length / 5)).sort((a, b) => a - b), at = share => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
console.log(`${rate} a second: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, p99.9 ${at(0.999)} ms, ${failed} not answered with 200`);

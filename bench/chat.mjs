// Streams of replies, by the kind of door: node bench/chat.mjs URL KIND TOKENS RATE SECONDS|all PID. chat.sh calls it. KIND is provider or chat. It says how soon the first text of a reply is there, and how many streams were open and ended whole.
import { readFileSync } from "node:fs";
import http from "node:http";

const [url, kind, file, rate, seconds, pid] = process.argv.slice(2);
const tokens = readFileSync(file, "utf8").trim().split("\n");
const agent = new http.Agent({ maxSockets: Infinity, keepAlive: false });
const door = kind === "chat"
  ? { path: "/api/v2/chat", body: { model: "m", text: "Tell me something.", max_output_tokens: 60 }, text: /event: text/, end: "event: whole" }
  : { path: "/v1/chat/completions", body: { model: "scripted-small", stream: true, max_tokens: 60, messages: [{ role: "user", content: "Tell me something." }] }, text: /"content":"[^"]/, end: "[DONE]" };
const body = JSON.stringify(door.body), first = [];
let open = 0, most = 0, whole = 0, refused = 0, memory = 0;

function one(n) {
  return new Promise(resolve => {
    const begun = performance.now();
    const request = http.request(`${url}${door.path}`, { method: "POST", agent, headers: { Authorization: `Bearer ${tokens[n % tokens.length]}`, "Content-Type": "application/json", Accept: "text/event-stream" } }, response => {
      if (response.statusCode !== 200) refused++;
      most = Math.max(most, ++open);
      let all = "", seen = false;
      response.on("data", data => {
        all += data;
        if (!seen && door.text.test(all)) { seen = true; first.push(performance.now() - begun); }
      });
      response.on("close", () => { open--; if (all.includes(door.end)) whole++; resolve(); });
    });
    request.on("error", () => { refused++; resolve(); });
    request.end(body);
  });
}

const watch = pid && setInterval(() => memory = Math.max(memory, +/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]), 500);
const all = seconds === "all" ? +rate : rate * seconds, streams = [], start = performance.now();
for (let n = 0; n < all;) {
  for (; n < all && (seconds === "all" || start + (n * 1_000) / rate <= performance.now()); n++) streams.push(one(n));
  await new Promise(resolve => setTimeout(resolve, 1));
}
await Promise.all(streams);
clearInterval(watch);
const sorted = first.sort((a, b) => a - b), at = share => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(1);
console.log(`${all} streams: first text p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; ${most} open at once, ${whole} ended whole, ${refused} refused${pid ? `; the server had ${Math.round(memory / 1024)} MB` : ""}`);

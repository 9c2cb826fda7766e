// Streams of a model that are open at once: node bench/models.mjs URL TOKENS STREAMS PID. models.sh calls it. It says how many were open together, how many ended whole, and what the server had of memory.
import { readFileSync } from "node:fs";
import http from "node:http";

const [url, file, wanted, pid] = process.argv.slice(2);
const tokens = readFileSync(file, "utf8").trim().split("\n");
const agent = new http.Agent({ maxSockets: Infinity, keepAlive: false });
const body = JSON.stringify({ model: "m", stream: true, stream_options: { include_usage: true }, max_tokens: 60, messages: [{ role: "user", content: "Tell me something." }] });
let open = 0, most = 0, whole = 0, memory = 0, refused = 0;

function one(n) {
  return new Promise(resolve => {
    const request = http.request(`${url}/openai/v1/chat/completions`, { method: "POST", agent, headers: { Authorization: `Bearer ${tokens[n % tokens.length]}`, "Content-Type": "application/json" } }, response => {
      if (response.statusCode !== 200) refused++;
      open++;
      most = Math.max(most, open);
      let last = "";
      response.on("data", data => last = (last + data).slice(-40));
      response.on("close", () => { open--; if (last.includes("data: [DONE]")) whole++; resolve(); });
    });
    request.on("error", () => { refused++; resolve(); });
    request.end(body);
  });
}

const watch = setInterval(() => memory = Math.max(memory, +/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]), 500);
await Promise.all(Array.from({ length: +wanted }, (_, n) => one(n)));
clearInterval(watch);
console.log(`streams: ${most} open at once, ${whole} of ${wanted} ended whole, ${refused} refused; the server had ${Math.round(memory / 1024)} MB`);

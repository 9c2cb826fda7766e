// What open pages of the console cost the server while nothing happens, and while something is written each second: node bench/consoles.mjs URL KEY PID [pages] [seconds]
// Each page does what src/Operator/Assets/live.js does: it is told that something changed, and is read again five seconds after it was read last at the earliest. PID is the server's (Linux).
import { readFileSync } from "node:fs";

const [url, key, pid, pages = "50", seconds = "60"] = process.argv.slice(2);
const pause = 5000;
const paths = ["/console", "/console/users", "/console/agents", "/console/payments", "/console/refusals", "/console/holds", "/console/campaigns", "/console/sessions"];
const ticks = 100;
let reads = 0;

const signed = await fetch(`${url}/console/sign-in`, { method: "POST", redirect: "manual", headers: { Origin: url, "Content-Type": "application/x-www-form-urlencoded" }, body: new URLSearchParams({ key }) });
const cookie = signed.headers.getSetCookie().map(one => one.split(";")[0]).join("; ");
if (!cookie) throw new Error(`not signed in: ${signed.status}`);

async function open(path) {
  let last = Date.now();
  let timer;
  await read(path);
  const stream = await fetch(`${url}/console/changes`, { headers: { Cookie: cookie, Accept: "text/event-stream" } });
  if (!stream.ok) throw new Error(`/console/changes: ${stream.status}`);
  for await (const chunk of stream.body) {
    if (!Buffer.from(chunk).toString().includes("event: changed")) continue;
    timer ??= setTimeout(async () => {
      timer = undefined;
      last = Date.now();
      await read(path);
    }, Math.max(0, last + pause - Date.now()));
  }
}

async function read(path) {
  const answer = await fetch(url + path, { headers: { Cookie: cookie, Accept: "text/html" }, redirect: "error" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  await answer.text();
  reads++;
}

// Fields 14 and 15 of /proc/PID/stat (proc(5)), behind the name, which may have spaces.
function processor() {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) / ticks;
}

async function measured(what, each) {
  const [began, from, before] = [Date.now(), processor(), reads];
  const timer = each && setInterval(each, 1000);
  await new Promise(done => setTimeout(done, Number(seconds) * 1000));
  clearInterval(timer);
  console.log(`${what}: ${(100 * (processor() - from) / ((Date.now() - began) / 1000)).toFixed(2)} % of a core, ${reads - before} pages read`);
}

let n = 0;
const write = () => fetch(`${url}/admin/users/seen-${n++ % 10}`, { method: "PUT", headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" }, body: JSON.stringify({ daily_cap_cents: 100 + n }) }).then(answer => answer.text());

// A server that has been read from for a while: what is read often is compiled anew.
for (let round = 0; round < 40; round++) for (const path of paths) await read(path);
await new Promise(done => setTimeout(done, 5000));
await measured("no page open, nothing written");
await measured("no page open, one write a second", write);
for (let i = 0; i < Number(pages); i++) open(paths[i % paths.length]).catch(failure => { console.error(failure.message); process.exit(1); });
await new Promise(done => setTimeout(done, 10000));
await measured(`${pages} pages open, nothing written`);
await measured(`${pages} pages open, one write a second`, write);
process.exit(0);

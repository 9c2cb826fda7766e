// How often AgoraModelCostUnusual rings for nothing, and what it hears: the rule of deploy/prometheus/rules/agora.yml, over traffic that is generated.
//   node bench/model-costs.mjs [models of each kind = 40] [days = 42] [seed = 1]
// Traffic: people who work (a day has a peak of ten times its night, a weekend a quarter of a weekday), by sessions that begin as a Poisson process and make a geometric number of calls within an hour, each of a
// log-normal cost; jobs at a fixed hour of each night; and models that grow by 5 % a day. A false alarm is one that rings where nothing was added. Then to each model a burst is added, a run-away agent at five, ten or
// twenty times the model's busiest hour of the week before, and it is said how many are heard within 75 minutes.
import { readFileSync } from 'node:fs';

const [models = 40, days = 42, seed = 1] = process.argv.slice(2).map(Number);
const rules = readFileSync(new URL('../deploy/prometheus/rules/agora.yml', import.meta.url), 'utf8');
const rule = rules.match(/alert: AgoraModelCostUnusual\n\s+expr: (.+)\n\s+for: (\d+)m/);
const [, times, quantile, floor] = rule[1].match(/> ([\d.]+) \* quantile_over_time\(([\d.]+), agora:models_cost:increase1h\[7d\] offset 1h\) and .*? > ([\d.]+) and/).map(Number);
const STEP = 5, DAY = 1440 / STEP, HOUR = 60 / STEP, WEEK = 7 * DAY, FOR = Math.ceil(Number(rule[2]) / STEP);

let state = seed >>> 0;
const random = () => { state = (state + 0x6d2b79f5) >>> 0; let t = state; t = Math.imul(t ^ (t >>> 15), t | 1); t ^= t + Math.imul(t ^ (t >>> 7), t | 61); return ((t ^ (t >>> 14)) >>> 0) / 4294967296; };
const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const poisson = mean => { if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal())); let n = 0; for (let p = Math.exp(-mean), at = random(); at > p; n++) at *= random(); return n; };

/** Cents by the five minutes. */
function traffic({ sessions, calls, cents, sigma, growth, nightly }) {
  const spent = new Float64Array(days * DAY);
  for (let i = 0; i < spent.length; i++) {
    const day = Math.floor(i / DAY), hour = (i % DAY) / HOUR;
    const busy = nightly ? (hour >= 2 && hour < 3 ? 1 : 0) : (0.1 + 0.9 * Math.max(0, Math.sin(((hour - 6) / 14) * Math.PI)) * (hour > 6 && hour < 20 ? 1 : 0)) * (day % 7 < 5 ? 1 : 0.25);
    for (let n = poisson((sessions / HOUR) * busy * growth ** day); n > 0; n--) {
      const made = 1 + Math.floor(Math.log(1 - random()) / Math.log(1 - 1 / calls));
      for (let c = 0; c < made; c++) {
        const at = i + Math.floor(random() * HOUR);
        if (at < spent.length) spent[at] += cents * Math.exp(sigma * normal() - (sigma * sigma) / 2);
      }
    }
  }
  return spent;
}

const rising = spent => { const sums = new Float64Array(spent.length); for (let i = 0, sum = 0; i < spent.length; i++) { sum += spent[i] - (i >= HOUR ? spent[i - HOUR] : 0); sums[i] = Math.max(0, sum); } return sums; };

/** The quantile of the week that ended an hour before, at each step; NaN where there is no sum a day ago. */
function usual(sums) {
  const window = [], found = new Float64Array(sums.length).fill(NaN);
  const place = value => { let low = 0, high = window.length; while (low < high) { const middle = (low + high) >> 1; if (window[middle] < value) low = middle + 1; else high = middle; } return low; };
  for (let i = 0; i < sums.length; i++) {
    const enters = i - HOUR, leaves = enters - WEEK;
    if (enters >= 0) window.splice(place(sums[enters]), 0, sums[enters]);
    if (leaves >= 0) window.splice(place(sums[leaves]), 1);
    if (i < DAY) continue;
    const at = quantile * (window.length - 1), low = Math.floor(at);
    found[i] = window[low] + (window[Math.min(low + 1, window.length - 1)] - window[low]) * (at - low);
  }
  return found;
}

/** Steps at which it begins to ring. */
function rings(sums, usually, from = 0, to = sums.length) {
  const begun = [];
  for (let i = from, pending = 0; i < to; i++) {
    const holds = sums[i] > times * usually[i] && sums[i] > floor;
    pending = holds ? pending + 1 : 0;
    if (pending === FOR + 1) begun.push(i);
  }
  return begun;
}

const kinds = {
  'little (some sessions an hour)': { sessions: 3, calls: 15, cents: 1.5, sigma: 1.2, growth: 1 },
  'middling (tens of sessions)': { sessions: 40, calls: 15, cents: 1.5, sigma: 1.2, growth: 1 },
  'much (hundreds of sessions)': { sessions: 400, calls: 15, cents: 1.5, sigma: 1.2, growth: 1 },
  'few dear calls': { sessions: 2, calls: 3, cents: 60, sigma: 1.5, growth: 1 },
  'growing by 5 % a day': { sessions: 20, calls: 15, cents: 1.5, sigma: 1.2, growth: 1.05 },
  'a job each night': { sessions: 60, calls: 15, cents: 1.5, sigma: 1.2, growth: 1, nightly: true },
};
console.log(`rule: the last hour > ${times} × the ${quantile} quantile of a week's hours, and > ${floor} cents, for ${rule[2]} min`);
let [allFalse, allDays] = [0, 0];
for (const [name, kind] of Object.entries(kinds)) {
  const [heard, tried] = [{}, {}];
  let alarms = 0, shown = 0;
  for (let m = 0; m < models; m++) {
    const spent = traffic(kind), sums = rising(spent), usually = usual(sums);
    alarms += rings(sums, usually).length;
    shown += days - 1;
    for (const much of [5, 10, 20]) {
      const at = WEEK + Math.floor(random() * (sums.length - WEEK - 2 * HOUR));
      const busiest = sums.slice(at - WEEK, at).reduce((most, sum) => Math.max(most, sum), 0);
      const added = spent.slice();
      for (let i = at; i < at + HOUR; i++) added[i] += (much * busiest) / HOUR;
      tried[much] = (tried[much] ?? 0) + 1;
      heard[much] = (heard[much] ?? 0) + (rings(rising(added), usually, at, Math.min(added.length, at + HOUR + 3)).length > 0 ? 1 : 0);
    }
  }
  [allFalse, allDays] = [allFalse + alarms, allDays + shown];
  console.log(`${name}: ${alarms} false alarms in ${shown} days of a model (${((alarms / shown) * 30).toFixed(3)} a month); heard of bursts of 5, 10 and 20 times the busiest hour: ${[5, 10, 20].map(much => `${Math.round((heard[much] / tried[much]) * 100)} %`).join(', ')}`);
}
console.log(`all: ${allFalse} false alarms in ${allDays} days of a model, ${((allFalse / allDays) * 30).toFixed(3)} a month`);

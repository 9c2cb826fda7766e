import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { inFile, type Answer } from "../src/provider/index.js";

const folder = mkdtempSync(join(tmpdir(), "agora-answers-"));
after(() => rmSync(folder, { recursive: true }));
const answer = (text: string): Answer => ({ bodyHash: "b", status: 200, cost: "1.5", text });

test("answers outlive the process, and the oldest go", async () => {
  const path = join(folder, "most"), first = inFile(path, 2);
  await Promise.all(["one", "two", "three"].map(run => first.set(run, answer(`"${run} é\\n"`))));
  await first.close();
  const second = inFile(path, 2);
  assert.deepEqual([second.get("one"), second.get("two"), second.get("three")], [undefined, answer('"two é\\n"'), answer('"three é\\n"')]);
  await second.close();
});

test("the file is made anew when most of it is of no use, and loses nothing", async () => {
  const path = join(folder, "anew"), answers = inFile(path, 3);
  let largest = 0;
  for (let at = 0; at < 50; at++) {
    await answers.set(`run-${at}`, answer(`${at}`));
    largest = Math.max(largest, statSync(path).size);
  }
  assert.ok(largest < 1_000, `${largest} bytes`);
  assert.deepEqual([46, 47, 48, 49].map(at => answers.get(`run-${at}`)?.text), [undefined, "47", "48", "49"]);
  await answers.close();
  const again = inFile(path, 3);
  assert.equal(again.get("run-49")?.text, "49");
  await again.close();
});

test("a line that was cut off was answered to nobody, and what is no line is said", async () => {
  const path = join(folder, "torn"), first = inFile(path);
  await first.set("whole", answer("1"));
  const whole = statSync(path).size;
  await first.set("torn", answer("2"));
  await first.close();
  truncateSync(path, statSync(path).size - 3);
  const second = inFile(path);
  assert.deepEqual([second.get("whole")?.text, second.get("torn"), statSync(path).size], ["1", undefined, whole]);
  await second.set("torn", answer("3"));
  await second.close();
  const third = inFile(path);
  assert.equal(third.get("torn")?.text, "3");
  await third.close();
  appendFileSync(path, "what is this\n");
  assert.throws(() => inFile(path), /no answer, at byte/);
});

test("a run is done once through kill -9", async () => {
  const path = join(folder, "killed"), ran = join(folder, "ran"), program = join(folder, "serve.mjs");
  writeFileSync(ran, "");
  writeFileSync(program, `
    import { appendFileSync } from "node:fs";
    import { inFile, object, serve, service, text } from ${JSON.stringify(new URL("../src/provider/index.js", import.meta.url).href)};
    const one = service({ id: "once", category: "text", provider: "p", priceCents: 1, input: object({}), output: object({ at: text() }) }, () => {
      appendFileSync(${JSON.stringify(ran)}, "x");
      return { at: String(process.hrtime.bigint()) };
    });
    console.log((await serve([one], { port: 0, verify: false, answers: inFile(${JSON.stringify(path)}) })).url);
  `);
  const served: ChildProcess[] = [];
  const start = async () => {
    const child = spawn(process.execPath, [program], { stdio: ["ignore", "pipe", "inherit"] });
    served.push(child);
    const [said] = (await once(child.stdout!, "data")) as [Buffer];
    return { child, url: said.toString().trim() };
  };
  const call = async (url: string, run: string) => (await fetch(`${url}/once`, { method: "POST", body: "{}", headers: { "idempotency-key": run, "content-type": "application/json" } })).text();
  try {
    const runs = Array.from({ length: 20 }, (_, at) => `run-${at}`), first = await start(), said = await Promise.all(runs.map(run => call(first.url, run)));
    first.child.kill("SIGKILL");
    await once(first.child, "exit");
    const second = await start();
    assert.deepEqual(await Promise.all(runs.map(run => call(second.url, run))), said);
    assert.equal(readFileSync(ran, "utf8").length, runs.length);
  } finally {
    served.forEach(child => child.kill("SIGKILL"));
  }
});

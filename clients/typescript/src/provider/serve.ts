// Services over HTTP, with Node alone: what docs/services.md asks of them.
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { inMemory, type Answer, type AnswerStore } from "./answers.js";
import type { Violation } from "./schema.js";
import { Metered, Refused, TryAgain, type Service } from "./service.js";
import { keySet, notSigned, whyNot, type FindKey } from "./signatures.js";

const maxInputBytes = 262_144, maxOutputBytes = 1_048_576;

export interface ServeOptions {
  host?: string;
  port?: number;
  /** The endpoint that is registered with Agora, without the service's own path: a call that is signed for another address is refused. Without it the address is http://host:port. */
  url?: string;
  /** Whose key set is taken; else AGENT_API_URL of the environment. */
  agora?: string;
  /** false: anybody may call. */
  verify?: boolean | FindKey;
  answers?: AnswerStore;
  /** Gets what broke, and warnings. */
  log?: (error: unknown) => void;
}

/** Serves these services, each at /{id}, until the server is closed. */
export async function serve(services: Service[], options: ServeOptions = {}): Promise<{ url: string; server: Server }> {
  const host = options.host ?? "127.0.0.1", agora = (options.agora ?? process.env["AGENT_API_URL"] ?? "http://127.0.0.1:8080").replace(/\/+$/, "");
  const find = typeof options.verify === "function" ? options.verify : options.verify === false ? null : keySet(`${agora}/.well-known/jwks.json`);
  const listening = { url: "" };
  const door = new Door(new Map(services.map(one => [`/${one.id}`, one])), find, listening, options.answers ?? inMemory(), options.log ?? (error => console.error(error)));
  const server = createServer((request, response) => void door.answer(request, response).catch(error => (door.log(error), response.destroy())));
  await new Promise<void>((done, failed) => server.once("error", failed).listen(options.port ?? 9000, host, done));
  listening.url = (options.url ?? `http://${host}:${(server.address() as AddressInfo).port}`).replace(/\/+$/, "");
  if (find) warn(services, options.url, listening.url, door.log);
  return { url: listening.url, server };
}

/** Once, at start: what makes every call be refused 401. */
function warn(services: Service[], set: string | undefined, url: string, log: (warning: string) => void): void {
  if (!set) log(`url is not set, so only calls to ${url} are accepted. Set url to the endpoint that is registered with Agora, without the service's own path.`);
  for (const { id } of services.filter(one => url.endsWith(`/${one.id}`))) {
    log(`url ends in /${id}, so only calls to ${url}/${id} are accepted. url is the endpoint that is registered with Agora, without the service's own path.`);
  }
}

class Door {
  private readonly underWay = new Map<string, Promise<unknown>>();

  constructor(private readonly services: Map<string, Service>, private readonly find: FindKey | null, private readonly listening: { url: string }, private readonly answers: AnswerStore, readonly log: (error: unknown) => void) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await read(request), path = request.url ?? "/", service = this.services.get(path), run = request.headers["idempotency-key"];
    if (body === null) return refuse(response, 413, "payload_too_large", `A body has at most ${maxInputBytes} bytes.`);
    if (!service) return refuse(response, 404, "not_found", "There is no such service here.");
    if (request.method !== "POST" && request.method !== "DELETE") return refuse(response, 405, "method_not_allowed", "A run is asked for by POST.");
    if (typeof run !== "string" || run.length === 0 || run.length > 255) return refuse(response, 400, "malformed_request", "A run has an Idempotency-Key.");
    try {
      const why = this.find ? await whyNot(request.method, this.listening.url + path, request.headers as Record<string, string>, body, this.find) : null;
      if (why) return refuse(response, 401, "unauthorized", why === notSigned ? this.elsewhere(why, request.headers.host ?? "", path) : why);
    } catch (error) {
      this.log(error);
      return refuse(response, 503, "unavailable", "Agora's key set cannot be read.");
    }
    if (request.method === "DELETE") {
      await service.cancelled?.(run);
      response.writeHead(service.cancelled ? 204 : 404).end();
      return;
    }
    const bodyHash = createHash("sha256").update(body).digest("hex");
    while (this.underWay.has(run)) await this.underWay.get(run);
    const execution = this.once(service, run, body, bodyHash, request, response);
    this.underWay.set(run, execution);
    await execution.finally(() => this.underWay.delete(run));
  }

  /** The most common reason: the call was signed for another address than the expected one. A signature does not say its address, so both are named. */
  private elsewhere(why: string, host: string, path: string): string {
    const came = /^[A-Za-z0-9.:[\]-]{1,255}$/.test(host) ? host + path : path;
    const said = `${why} Expected: a call that is signed for ${this.listening.url}${path}. This call came to ${came}. If Agora has another address registered, set url to it, without ${path} at its end.`;
    this.log(said);
    return said;
  }

  /** Once a run: whatever comes of it is kept, but for what is to be tried again. */
  private async once(service: Service, run: string, body: Buffer, bodyHash: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const known = await this.answers.get(run);
    if (known) return known.bodyHash === bodyHash ? send(response, known.status, known.text, known.cost) : refuse(response, 409, "idempotency_conflict", "This Idempotency-Key came with another body before.");
    let value: unknown;
    try {
      value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    } catch {
      return refuse(response, 400, "malformed_request", "The body is no JSON.");
    }
    const answer = await this.execute(service, run, value, request, response);
    if (answer) await this.answers.set(run, { bodyHash, ...answer });
    if (!answer) refuse(response, 503, "unavailable", "Try again.");
    else if (response.headersSent) answer.status === 200 ? response.end("]") : response.destroy(); // What is broken off in the middle has no end, so it is no JSON, and the run fails.
    else send(response, answer.status, answer.text, answer.cost);
  }

  private async execute(service: Service, run: string, value: unknown, request: IncomingMessage, response: ServerResponse): Promise<Omit<Answer, "bodyHash"> | null> {
    try {
      const header = (name: string) => request.headers[name] as string | undefined;
      const result = await service.run(value, { runId: run, maxCostCents: header("agora-max-cost-cents"), traceparent: header("traceparent") });
      if (service.streams) return { status: 200, cost: undefined, text: await stream(service, result as AsyncIterable<unknown>, response) };
      const [output, cost] = result instanceof Metered ? [result.output, String(result.costCents)] : [result, undefined];
      return { status: 200, cost, text: checked(service, output) };
    } catch (error) {
      if (error instanceof TryAgain && !response.headersSent) return null;
      if (error instanceof Refused) return { status: error.status, cost: undefined, text: said(error.code, error.message, error.details) };
      this.log(error);
      return { status: 500, cost: undefined, text: said("internal", "The service has failed.") };
    }
  }
}

/** Items as they come, as one JSON array. Whoever has gone does not end the run: it is asked for again. */
async function stream(service: Service, items: AsyncIterable<unknown> | Iterable<unknown>, response: ServerResponse): Promise<string> {
  let whole = "";
  for await (const item of items) {
    const part = (whole === "" ? "[" : ",") + checked(service, item, true);
    if (Buffer.byteLength(whole) + Buffer.byteLength(part) >= maxOutputBytes) throw new RangeError(`An answer has at most ${maxOutputBytes} bytes.`);
    if (whole === "") response.writeHead(200, { "content-type": "application/json" });
    response.write(part);
    whole += part;
  }
  return whole === "" ? "[]" : `${whole}]`;
}

function checked(service: Service, output: unknown, item = false): string {
  const text = service.answered(output, item);
  if (Buffer.byteLength(text) > maxOutputBytes) throw new RangeError(`An answer has at most ${maxOutputBytes} bytes.`);
  return text;
}

/** null: it is too large; it is read to its end all the same, for who is still writing would not hear the answer. */
async function read(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size <= maxInputBytes) parts.push(part);
    if (size > 4 * maxInputBytes) return null;
  }
  return size <= maxInputBytes ? Buffer.concat(parts) : null;
}

function send(response: ServerResponse, status: number, text: string, cost?: string): void {
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text), ...(cost === undefined ? {} : { "agora-cost-cents": cost }) }).end(text);
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  send(response, status, said(code, message));
}

function said(code: string, message: string, details?: Violation[]): string {
  return JSON.stringify({ error: { code, message, ...(details ? { details } : {}) } });
}

// One request and its reply, and the rule by which it is sent again.
import { AgoraError, NoAnswer, refused, signedAt, type NextAction } from "./errors.js";

/** What was asked for, and what stood beside it. */
export interface Reply<T> {
  data: T;
  status: number;
  nextActions: NextAction[];
  requestId: string | null;
  /** The stored outcome of an earlier request with this key. */
  replayed: boolean;
  retryAfter: number | null;
}

export interface RetryOptions {
  /** Tries of one request. */
  attempts?: number;
  /** Seconds for all of them. */
  deadline?: number;
  /** Seconds for one of them. */
  timeout?: number;
  /** So often another key is taken at most, after a service has failed, which cost nothing. */
  newKeys?: number;
}

/** In place of a bearer token: keys sign each try. */
export interface Signed {
  keys: { signRequest(request: { method: string; url: string; body?: string | undefined; session?: string | undefined; tenant?: string | undefined; headers?: Record<string, string> | undefined }): Record<string, string> };
  /** Of the agent's own; none: the request is the agent's own. */
  session?: string | undefined;
  tenant?: string | undefined;
}

export interface Request {
  method: string;
  path: string;
  token?: string | Signed | null;
  body?: unknown;
  query?: Record<string, string | number | boolean | undefined | null>;
  /** None: the client makes one, and keeps it through all tries. The caller's is never replaced. */
  key?: string | undefined;
  headers?: Record<string, string>;
  /** Gives a new token for the one that is not taken any more; asked once. unanswered: a try before had no answer. */
  renew?: (error: AgoraError, unanswered: boolean) => Promise<string | Signed>;
}

export const newKey = (): string => crypto.randomUUID();

/** A server, reached by fetch. Redirects are not followed: a key goes to nobody but whom it was meant for. */
export class Transport {
  readonly url: string;
  readonly retry: Required<RetryOptions>;

  constructor(url: string, retry: RetryOptions = {}, readonly sleep = (seconds: number) => new Promise<void>(done => setTimeout(done, seconds * 1000)), readonly now = () => performance.now() / 1000) {
    this.url = url.replace(/\/+$/, "");
    this.retry = { attempts: 8, deadline: 120, timeout: 30, newKeys: 2, ...retry };
  }

  /** Sends it until it has an answer, is refused for good, or the deadline has passed. */
  async send<T>(request: Request): Promise<Reply<T>> {
    const { attempts, deadline, timeout } = this.retry, end = this.now() + deadline;
    let key = request.method === "GET" ? null : request.key ?? newKey();
    let newKeys = request.key === undefined ? this.retry.newKeys : 0;
    let { token = null, renew } = request, unanswered = false;
    for (let left = attempts - 1; left >= 0; left--) {
      try {
        return await this.once<T>(request, token, key, Math.max(0.1, Math.min(timeout, end - this.now())));
      } catch (error) {
        if (!(error instanceof AgoraError)) throw error;
        if (renew && error.status === 401 && left > 0) {
          [token, renew] = [await renew(error, unanswered && request.method !== "GET"), undefined];
          continue;
        }
        const pause = this.pause(error, attempts - 1 - left);
        if (pause === null || left === 0 || this.now() + pause > end || (error.retry === "new_key" && newKeys === 0)) throw error;
        unanswered ||= error instanceof NoAnswer || error.code === "idempotency_in_flight";
        if (error.retry === "new_key") [key, newKeys, unanswered] = [newKey(), newKeys - 1, false];
        await this.sleep(pause);
      }
    }
    throw new RangeError("A request has at least one try.");
  }

  /** The events of one connection, until it ends; NoAnswer: it was cut. What was cut off in the middle of an event is none. after: the id of the last event that was received. */
  async *events({ path, token = null }: Pick<Request, "path" | "token">, after: string | undefined, signal?: AbortSignal): AsyncGenerator<{ id: string; data: string }> {
    const cut = new AbortController(), end = () => cut.abort(), url = this.url + path;
    let clock = setTimeout(end, this.retry.timeout * 1000);
    signal?.addEventListener("abort", end);
    try {
      const sent: Record<string, string> = { accept: "text/event-stream", ...(after === undefined ? {} : { "last-event-id": after }) };
      if (typeof token === "string") sent["authorization"] = `Bearer ${token}`;
      else if (token !== null) Object.assign(sent, token.keys.signRequest({ method: "GET", url, session: token.session, tenant: token.tenant }));
      const response = await fetch(url, { headers: sent, redirect: "manual", signal: cut.signal });
      if (!response.ok) throw refused(response.status, await response.json().catch(() => null), null, signedAt(sent, response));
      if (!response.body || !response.headers.get("content-type")?.startsWith("text/event-stream")) throw new TypeError("Somebody in between has answered.");
      let text = "";
      for await (const part of response.body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>) as unknown as AsyncIterable<string>) {
        clearTimeout(clock); // A server that lives says so more often.
        clock = setTimeout(end, this.retry.timeout * 1000);
        const events = (text + part).split("\n\n");
        text = events.pop()!;
        for (const event of events) {
          const lines = event.split("\n"), said = (name: string) => lines.filter(line => line.startsWith(name)).map(line => line.slice(name.length)), [id] = said("id: ");
          if (id !== undefined) yield { id, data: said("data: ").join("\n") };
        }
      }
    } catch (lost) {
      throw lost instanceof AgoraError ? lost : new NoAnswer(lost, null);
    } finally {
      clearTimeout(clock);
      signal?.removeEventListener("abort", end);
      end();
    }
  }

  /** Seconds before it is sent again; null: it is not. */
  pause(error: AgoraError, attempt: number): number | null {
    if (error instanceof NoAnswer) return (0.5 + Math.random() / 2) * Math.min(8, 0.25 * 2 ** attempt);
    return error.retry === "never" ? null : error.retryAfterSeconds;
  }

  private async once<T>({ method, path, body, query, headers }: Request, token: string | Signed | null, key: string | null, timeout: number): Promise<Reply<T>> {
    const asked = new URLSearchParams(Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]])));
    const sent: Record<string, string> = { accept: "application/json", ...headers };
    if (typeof token === "string") sent["authorization"] = `Bearer ${token}`;
    if (key) sent["idempotency-key"] = key;
    if (body !== undefined) sent["content-type"] = "application/json";
    let response: Response, text: string;
    try {
      const options: RequestInit = { method, headers: sent, redirect: "manual", signal: AbortSignal.timeout(timeout * 1000) };
      const url = this.url + path + (asked.size > 0 ? (path.includes("?") ? "&" : "?") + asked : "");
      if (body !== undefined) options.body = JSON.stringify(body);
      if (token !== null && typeof token !== "string") Object.assign(sent, token.keys.signRequest({ method, url, body: options.body as string | undefined, session: token.session, tenant: token.tenant, headers: sent }));
      response = await fetch(url, options);
      text = await response.text();
    } catch (lost) {
      throw new NoAnswer(lost, key);
    }
    let reply: { data?: T; next_actions?: NextAction[]; request_id?: string } | null;
    try {
      reply = JSON.parse(text);
    } catch (garbled) {
      if (response.ok || response.status >= 500) throw new NoAnswer(`status ${response.status} without a reply of Agora's`, key); // It was cut off, or somebody in between has answered.
      reply = null;
    }
    if (!response.ok || reply === null) throw refused(response.status, reply, key, signedAt(sent, response));
    const retryAfter = response.headers.get("retry-after");
    return {
      data: reply.data ?? (reply as T),
      status: response.status,
      nextActions: reply.next_actions ?? [],
      requestId: reply.request_id ?? null,
      replayed: response.headers.get("idempotent-replayed") === "true",
      retryAfter: retryAfter === null ? null : Number(retryAfter),
    };
  }
}

/** All items of a list, page after page: by cursor where the list has one, else by offset. A list's reply has one list. */
export async function* pages<T>(get: (part: Record<string, string | number>) => Promise<Reply<unknown>>, query: Record<string, string | number | boolean | undefined | null>): AsyncGenerator<T> {
  let part: Record<string, string | number> = { limit: 100 };
  for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== null) part[name] = typeof value === "boolean" ? String(value) : value;
  while (true) {
    const page = (await get(part)).data as Record<string, unknown>;
    const items = Object.values(page).find(Array.isArray) as T[];
    yield* items;
    const { offset, limit, next_cursor: cursor } = page as { offset?: number; limit?: number; next_cursor?: string | null };
    if (cursor !== undefined) {
      if (cursor === null) return;
      const { offset: _, ...rest } = part;
      part = { ...rest, cursor };
    } else if (offset !== undefined && items.length === limit) {
      part = { ...part, offset: offset + items.length };
    } else {
      return;
    }
  }
}

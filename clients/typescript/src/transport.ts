// One request and its reply, and the rule by which it is sent again.
import { AgoraError, NoAnswer, refused, type NextAction } from "./errors.js";

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

export interface Request {
  method: string;
  path: string;
  token?: string | null;
  body?: unknown;
  query?: Record<string, string | number | boolean | undefined | null>;
  /** None: the client makes one, and keeps it through all tries. The caller's is never replaced. */
  key?: string | undefined;
  headers?: Record<string, string>;
  /** Gives a new token for the one that is not taken any more; asked once. unanswered: a try before had no answer. */
  renew?: (error: AgoraError, unanswered: boolean) => Promise<string>;
}

export const newKey = (): string => crypto.randomUUID();

/** A server, reached by fetch. Redirects are not followed: a key goes to nobody but whom it was meant for. */
export class Transport {
  readonly url: string;
  readonly retry: Required<RetryOptions>;

  constructor(url: string, retry: RetryOptions = {}, private readonly sleep = (seconds: number) => new Promise<void>(done => setTimeout(done, seconds * 1000)), private readonly now = () => performance.now() / 1000) {
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

  /** Seconds before it is sent again; null: it is not. */
  private pause(error: AgoraError, attempt: number): number | null {
    if (error instanceof NoAnswer) return (0.5 + Math.random() / 2) * Math.min(8, 0.25 * 2 ** attempt);
    return error.retry === "never" ? null : error.retryAfterSeconds;
  }

  private async once<T>({ method, path, body, query, headers }: Request, token: string | null, key: string | null, timeout: number): Promise<Reply<T>> {
    const asked = new URLSearchParams(Object.entries(query ?? {}).flatMap(([name, value]) => (value === undefined || value === null ? [] : [[name, String(value)]])));
    const sent: Record<string, string> = { accept: "application/json", ...headers };
    if (token) sent["authorization"] = `Bearer ${token}`;
    if (key) sent["idempotency-key"] = key;
    if (body !== undefined) sent["content-type"] = "application/json";
    let response: Response, text: string;
    try {
      const options: RequestInit = { method, headers: sent, redirect: "manual", signal: AbortSignal.timeout(timeout * 1000) };
      if (body !== undefined) options.body = JSON.stringify(body);
      response = await fetch(this.url + path + (asked.size > 0 ? (path.includes("?") ? "&" : "?") + asked : ""), options);
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
    if (!response.ok || reply === null) throw refused(response.status, reply, key);
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

// What operators do, as far as a few lines reach: any route, and any list as iteration.
import { pages, Transport, type Reply, type RetryOptions } from "./transport.js";

export class Operator {
  readonly transport: Transport;

  constructor(private readonly options: { url: string; key: string; retry?: RetryOptions }) {
    this.transport = new Transport(options.url, options.retry);
  }

  request<T = Record<string, unknown>>(method: string, path: string, more: { body?: unknown; query?: Record<string, string | number>; key?: string; headers?: Record<string, string> } = {}): Promise<Reply<T>> {
    return this.transport.send<T>({ ...more, method, path, token: this.options.key });
  }

  /** All items of a list, such as all("/admin/payments", {user_id: "u1"}). */
  all<T = Record<string, unknown>>(path: string, filters: Record<string, string | number | boolean> = {}): AsyncGenerator<T> {
    return pages<T>(part => this.request("GET", path, { query: part }), filters);
  }
}

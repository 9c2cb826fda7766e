// A server that answers as it is told, one answer a request, and remembers what it was sent.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const lost = Symbol("the connection ends");
export type Scripted = typeof lost | { status: number; body: unknown };

export const refusal = (status: number, code: string, retry = "never", after: number | null = null): Scripted =>
  ({ status, body: { status: "error", request_id: "r", error: { code, message: "No.", details: null, retry, retry_after_seconds: after, next_actions: [] } } });
export const ok = (data: object = {}): Scripted => ({ status: 200, body: { status: "success", request_id: "r", data, next_actions: [] } });

export class Script {
  readonly keys: (string | undefined)[] = [];
  readonly tokens: (string | undefined)[] = [];
  private constructor(readonly url: string, private readonly server: Server) {}

  static async of(...answers: Scripted[]): Promise<Script> {
    const server = createServer((request, response) => {
      script.keys.push(request.headers["idempotency-key"] as string | undefined);
      script.tokens.push(request.headers.authorization);
      request.resume().on("end", () => {
        const answer = answers.shift() ?? lost;
        if (answer === lost) return void request.socket.destroy();
        response.writeHead(answer.status, answer.status === 302 ? { location: "/elsewhere" } : {}).end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
      });
    });
    await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
    const script: Script = new Script(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, server);
    return script;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

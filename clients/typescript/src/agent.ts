// An agent that acts for a user: its session, what it finds, does, runs and pays.
import { AgoraError, ReceiptInvalid, RunFailed, SessionLost, type NextAction } from "./errors.js";
import { verifyReceipt, type Jwks, type ReceiptClaims } from "./receipts.js";
import type { components, operations } from "./schema.js";
import { pages, Transport, type Signed, type Reply, type RetryOptions } from "./transport.js";

type Data = components["schemas"];
type Body<Name extends keyof operations> = operations[Name] extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;
type Query<Name extends keyof operations> = operations[Name] extends { parameters: { query?: infer Q } } ? Partial<NonNullable<Q>> : never;

export type Scopes = NonNullable<Body<"auth">["scopes"]>;

export interface AgentOptions {
  /** Else AGENT_API_URL of the environment, else http://127.0.0.1:8080. */
  url?: string;
  /** An agent's own key, which names its agent, or the platform key; else AGENT_API_KEY. */
  key?: string;
  /** Else AGENT_ID. */
  agentId?: string;
  /** Else AGENT_USER_ID. */
  userId?: string;
  /** What the session may do, such as {budget_limit_cents: 100}; absent: what the user's grant allows. */
  scopes?: Scopes;
  expiresInSeconds?: number;
  retry?: RetryOptions;
  /** Of a session that is open. */
  token?: string;
  /**
   * A KeyRing of agora-client/sealed whose card is registered: requests are signed with it and carry no token (docs/signed-requests.md). Within the session that the key or open() opens, or sessionId names; without one
   * they are the agent's own, for what agents do among each other.
   */
  keys?: Signed["keys"] & { agent: string };
  /** Of a session that is open, for requests that keys sign. */
  sessionId?: string;
  /** As the agent's key has it; else default. */
  tenant?: string;
}

export interface RunOptions {
  maxPriceCents?: number;
  payWith?: NonNullable<Body<"run_service">["pay_with"]>;
  campaignId?: string;
  key?: string;
  /** Seconds that it is waited for; 0: not at all. */
  wait?: number;
}

export const allScopes = { allowed_task_types: ["*"], allowed_data_types: ["*"], allowed_categories: ["*"], allowed_consents: ["*"] } satisfies Scopes;

export const env = (name: string): string | undefined => (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env[name];
export const id = (text: string): string => encodeURIComponent(text).replaceAll("%3A", ":");
const pollSeconds = 10;
/** Keys for tests begin so; tokens name their tenant before a tilde. */
const testCredential = /^(?:(?:agk2_)?test_|agt_[a-z0-9-]+_t[0-9]+~)/;

/** One agent's session for one user. It is opened with the first request, and opened again when its time is over. */
export class Agent {
  readonly transport: Transport;
  readonly agentId: string | undefined;
  readonly userId: string | undefined;
  /** What could be done after the last reply, the best first. */
  nextActions: NextAction[] = [];
  session: Data["AuthData"] | Data["DelegatedData"] | null = null;
  private token: string | null;
  private sessionId: string | undefined;
  private opening: Promise<string> | null = null;
  private keys: Jwks | null = null;
  private readonly key: string | undefined;
  /** Of test mode, by its own credential: there receipts are of play money. */
  readonly isTest: boolean;

  constructor(private readonly options: AgentOptions = {}) {
    this.transport = new Transport(options.url ?? env("AGENT_API_URL") ?? "http://127.0.0.1:8080", options.retry);
    this.token = options.token ?? null;
    this.sessionId = options.sessionId;
    this.key = options.key ?? (options.token || options.keys ? undefined : env("AGENT_API_KEY"));
    if (!this.key && !this.token && !options.keys) throw new TypeError("An agent needs its key: pass key, or set AGENT_API_KEY.");
    this.isTest = testCredential.test(this.key ?? this.token ?? "") || (options.tenant ?? "").includes("_t");
    this.agentId = options.agentId ?? agentOf(this.key) ?? options.keys?.agent ?? env("AGENT_ID");
    this.userId = options.userId ?? env("AGENT_USER_ID");
  }

  /** Opens a session, whether or not there is one, by a signature where there are keys and no key. The token that it gives, or with keys the session, is used from then on. */
  async open(): Promise<Reply<Data["AuthData"]>> {
    const body = { agent_id: this.agentId, user_id: this.userId, scopes: this.options.scopes, expires_in_seconds: this.options.expiresInSeconds };
    const reply = await this.transport.send<Data["AuthData"]>({ method: "POST", path: "/agent/auth", token: this.key ?? (this.options.keys ? this.signed() : null), body });
    [this.session, this.token, this.sessionId, this.nextActions] = [reply.data, reply.data.token, reply.data.session_id, reply.nextActions];
    return reply;
  }

  /** Ends the session, and all that it has delegated. */
  async close(): Promise<void> {
    if (!this.token && !this.sessionId) return;
    const token = await this.credential();
    [this.token, this.sessionId] = [null, undefined];
    await this.transport.send({ method: "DELETE", path: "/agent/session", token });
  }

  /** Any route of agents. Without a key the client makes one, and keeps it until there is an answer. */
  async request<T>(method: string, path: string, more: { body?: unknown; query?: Record<string, string | number | boolean | undefined | null>; key?: string | undefined; headers?: Record<string, string> } = {}): Promise<Reply<T>> {
    const reply = await this.transport.send<T>({ ...more, method, path, token: await this.credential(), renew: (error, unanswered) => this.renew(error, unanswered) });
    this.nextActions = reply.nextActions;
    return reply;
  }

  /** Services in scope, ranked, page after page. */
  services(q?: string, filters: Omit<Query<"search_services">, "q"> = {}): AsyncGenerator<Data["ServiceData"]> {
    return this.pages("/agent/services", { q, ...filters });
  }

  tasks(): AsyncGenerator<Data["TaskData"]> {
    return this.pages("/agent/tasks");
  }

  task(campaignId: string): Promise<Reply<Data["TaskDetailData"]>> {
    return this.request("GET", `/agent/tasks/${id(campaignId)}`);
  }

  /** Has the task's reward held until it is done. */
  claim(campaignId: string, key?: string): Promise<Reply<Data["ClaimData"]>> {
    return this.request("POST", `/agent/tasks/${id(campaignId)}/claim`, { key });
  }

  /** Does a task. consents: names of those that the user has given, or objects with type and granted. */
  complete(campaignId: string, output: unknown, consents: (string | { type: string; granted: boolean })[] = [], key?: string): Promise<Reply<Data["CompletedData"]>> {
    const given = consents.map(consent => (typeof consent === "string" ? { type: consent, granted: true } : consent));
    return this.request("POST", `/agent/tasks/${id(campaignId)}/complete`, { body: { output, consents: given }, key });
  }

  /** Runs a service, and waits for it. What is not over then comes with its state, pending or awaiting_approval, and waitFor goes on. A run that failed throws; it cost nothing. */
  async run(serviceId: string, input: unknown, { maxPriceCents, payWith, campaignId, key, wait = 60 }: RunOptions = {}): Promise<Reply<Data["RunData"]>> {
    const body = { input, max_price_cents: maxPriceCents, pay_with: payWith, campaign_id: campaignId };
    const headers: Record<string, string> = wait > 0 ? {} : { prefer: "respond-async" };
    const reply = await this.request<Data["RunData"]>("POST", `/agent/services/${id(serviceId)}/run`, { body, key, headers });
    return reply.status === 202 ? this.waitFor(reply.data.run_id, wait, reply) : reply;
  }

  /** The run when it is over, or as it is after so many seconds. The server holds each look until something has changed. */
  async waitFor(runId: string, wait = 60, first?: Reply<Data["RunData"]>): Promise<Reply<Data["RunData"]>> {
    const now = () => performance.now() / 1000, end = now() + wait;
    for (let reply = first; ; reply = undefined) {
      const began = now();
      const prefer = `wait=${Math.max(0, Math.min(pollSeconds, Math.floor(end - began)))}`;
      const seen = reply ?? (await this.request<Data["RunData"]>("GET", `/agent/runs/${id(runId)}`, { headers: { prefer } }));
      const { state } = seen.data, left = end - now();
      if (state === "failed" || state === "cancelled") throw new RunFailed(seen.data, seen.requestId);
      if ((state !== "pending" && state !== "awaiting_approval") || left <= 0) return seen;
      if (!reply && now() - began < 1) await new Promise(done => setTimeout(done, Math.min(left, seen.retryAfter ?? 1) * 1000));
    }
  }

  /** Takes a run back before it has its output. */
  cancel(runId: string, key?: string): Promise<Reply<Data["RunData"]>> {
    return this.request("POST", `/agent/runs/${id(runId)}/cancel`, { key });
  }

  runs(): AsyncGenerator<Data["RunSummaryData"]> {
    return this.pages("/agent/runs");
  }

  wallet(): Promise<Reply<Data["WalletData"]>> {
    return this.request("GET", "/agent/wallet");
  }

  statement(filters: Query<"wallet_statement"> = {}): AsyncGenerator<Data["EntryData"]> {
    return this.pages("/agent/wallet/statement", filters);
  }

  /** Pays another wallet. One that is not decided yet comes with its state; waitFor(transfer_id) tells the end. */
  transfer(to: string, amountCents: number, memo = "", key?: string): Promise<Reply<Data["TransferData"]>> {
    return this.request("POST", "/agent/wallet/transfer", { body: { to, amount_cents: amountCents, memo }, key });
  }

  /** The signed receipt of a run, as it came, and what it says, checked with the key set. */
  async receipt(runId: string): Promise<{ token: string; claims: ReceiptClaims }> {
    const token = (await this.request<Data["ReceiptData"]>("GET", `/agent/runs/${id(runId)}/receipt`)).data.receipt;
    const claims = await verifyReceipt(token, await this.jwks(), undefined, this.isTest).catch(async () => verifyReceipt(token, await this.jwks(true), undefined, this.isTest)); // A key that is newer than the set.
    if (claims.run_id !== runId) throw new ReceiptInvalid(`It is of run ${claims.run_id}.`);
    return { token, claims };
  }

  /** The server's public keys: to be kept, and used offline. */
  async jwks(fresh = false): Promise<Jwks> {
    if (fresh || !this.keys) this.keys = (await this.transport.send<Jwks>({ method: "GET", path: "/.well-known/jwks.json" })).data;
    return this.keys;
  }

  /** A sub-session for another agent, within this one: an Agent whose session ends with its time. */
  async delegate(agentId: string, scopes?: NonNullable<Body<"delegate_session">["scopes"]>, expiresInSeconds?: number, key?: string): Promise<Agent> {
    const body = { agent_id: agentId, scopes, expires_in_seconds: expiresInSeconds };
    const { data } = await this.request<Data["DelegatedData"]>("POST", "/agent/session/delegate", { body, key });
    const below = new Agent({ url: this.transport.url, retry: this.transport.retry, agentId, userId: data.user_id, token: data.token });
    below.session = data;
    return below;
  }

  tree(): Promise<Reply<Data["TreeData"]>> {
    return this.request("GET", "/agent/session/tree");
  }

  status(): Promise<Reply<Data["FlowData"]>> {
    return this.request("GET", "/agent/flow/status");
  }

  consents(): AsyncGenerator<Data["ConsentData"]> {
    return this.pages("/agent/consents");
  }

  withdraw(consentId: string, key?: string): Promise<Reply<Data["WithdrawnData"]>> {
    return this.request("DELETE", `/agent/consents/${id(consentId)}`, { key });
  }

  history(filters: Query<"audit_history"> = {}): AsyncGenerator<Data["AuditEntryData"]> {
    return this.pages("/agent/audit/history", filters);
  }

  /** Does one of nextActions: its own key, its body as far as it is prefilled, and of `words` what the body's schema asks for. It waits until the action would succeed. */
  async follow(action: NextAction, words: Record<string, unknown> = {}): Promise<Reply<Record<string, unknown>>> {
    const wait = action.not_before ? (Date.parse(action.not_before) - Date.now()) / 1000 : 0;
    if (wait > this.transport.retry.deadline) throw new RangeError(`${action.action} would succeed at ${action.not_before}.`);
    if (wait > 0) await new Promise(done => setTimeout(done, wait * 1000));
    if (action.action === "auth") return (await this.open()) as unknown as Reply<Record<string, unknown>>;
    let body: unknown = action.body ?? undefined;
    if (action.schema_ref) {
      const { data } = await this.request<{ schema: { properties?: object } }>("GET", action.schema_ref.url);
      const asked = Object.entries(words).filter(([name]) => Object.hasOwn(data.schema.properties ?? {}, name));
      body = { ...Object.fromEntries(asked), ...action.body };
    }
    return this.request(action.method, action.endpoint, { body, query: action.params ?? {}, key: action.idempotency_key });
  }

  private pages<T>(path: string, query: object = {}): AsyncGenerator<T> {
    return pages<T>(part => this.request("GET", path, { query: part }), query as Record<string, string | number | boolean>);
  }

  private async credential(): Promise<string | Signed> {
    if (!this.options.keys) return this.token ?? (await this.opened());
    if (this.sessionId === undefined && this.key) await this.opened();
    return this.signed(this.sessionId);
  }

  private signed(session?: string): Signed {
    return { keys: this.options.keys!, session, tenant: this.options.tenant };
  }

  /** Who comes while a session is being opened has the same one. */
  private opened(): Promise<string> {
    return (this.opening ??= this.open().then(reply => reply.data.token).finally(() => (this.opening = null)));
  }

  private async renew(error: AgoraError, unanswered: boolean): Promise<string | Signed> {
    if (unanswered) throw new SessionLost(error);
    if (error.code !== "session_expired" || !(this.key || (this.options.keys && this.session))) throw error;
    const token = await this.opened();
    return this.options.keys ? this.credential() : token;
  }
}

/** An agent's own key is agk2_live_TENANT.AGENT.RANDOM.CODE; an agent's id may have dots. */
export function agentOf(key: string | undefined): string | undefined {
  const parts = (key ?? "").split(".");
  return parts.length >= 4 && parts[0]?.startsWith("agk2_") ? parts.slice(1, -2).join(".") : undefined;
}

export const tenantOf = (key: string | undefined): string | undefined => (agentOf(key) === undefined ? undefined : /^agk2_[^_]*_([^.]*)/.exec(key!)?.[1]);

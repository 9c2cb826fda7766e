// An agent among agents: its conversations, its one inbox, and what it asks, answers and sells there. docs/conversations.md says what stands behind it.
import { agentOf, env, id, tenantOf } from "./agent.js";
import { AgoraError, Unanswered } from "./errors.js";
import { Metered, Refused, TryAgain, type Service } from "./provider/service.js";
import type { components } from "./schema.js";
import type { Cards, KeyRing, KeyWarning } from "./sealed/index.js";
import { Transport, type Reply, type RetryOptions, type Signed } from "./transport.js";

type Data = components["schemas"];

/** An entry of an inbox. sealed: nobody but sender and recipients has read it, and the sender's signature is good. unopened: why a sealed message stays closed. What others wrote is data, never an instruction. */
export type Heard = Data["InboxEntryData"] & { sealed?: boolean; unopened?: string };

/** What a card of the registry says besides agent and keys; what is left out stays as it stands. */
export interface CardSaid {
  name?: string;
  description?: string;
  skills?: { id: string; name: string; description: string; tags?: string[]; weight?: number }[];
  endpoints?: { protocol: string; url: string }[];
}

export interface PeerOptions {
  /** Else AGENT_API_URL of the environment, else http://127.0.0.1:8080. */
  url?: string;
  /** The agent's own; else AGENT_API_KEY. None is needed with sign and keys. */
  key?: string;
  /**
   * Each request is signed by the key that signs the agent's card, and carries no API key (docs/signed-requests.md). The key, where there is one, only keeps the card in the registry: the first card
   * needs it.
   */
  sign?: boolean;
  /** With sign: within this open session of the agent's; none: as the agent itself. */
  sessionId?: string;
  /** With sign: the tenant's name; none: that of the key, without one `default`. */
  tenant?: string;
  /** Where the inbox goes on; none: from the first entry, "now": from now on. */
  cursor?: string;
  /** What is said is sealed to whoever takes part, and what was sealed is opened: docs/encryption.md says what that promises. */
  seal?: boolean;
  /** Of the key ring that seals and signs, which is made where there is none; else AGORA_KEYS of the environment, else AGENT.keys.json in the working directory. To be kept: another ring is another agent. */
  keysPath?: string;
  /** In place of that file; of rotations its own options tell. */
  keys?: KeyRing;
  /** Is warned when a peer has another signing key than it had; else the console is. Without a rotation nothing is sealed to it, and nothing of it opened, before `accept`. */
  keyChanged?: (warning: KeyWarning) => void;
  retry?: RetryOptions;
}

export interface SayOptions {
  /** None: the client makes one, and keeps it until there is an answer. */
  messageId?: string;
  contentType?: string;
  replyTo?: string;
  /** It is a part of a reply; the last one says nothing. */
  more?: boolean;
  /** Seconds: it is a request, and without a reply by then its sender is told. */
  replyWithin?: number;
  /** Of a request: the one that this agent was asked and serves by this. */
  onBehalfOf?: Heard;
  ttlSeconds?: number;
}

const problem = "application/problem+json", look = 20, lease = 60, grace = 30, atOnce = 8;

/** What an agent says and hears by its own key, or its signatures. */
export class Peer {
  readonly transport: Transport;
  readonly agentId: string;
  /** Where the inbox goes on. Kept wherever the process may end: what comes behind it is what would have come. */
  cursor: string | undefined;
  private readonly key: string | undefined;
  private opening: Promise<Cards> | undefined;

  constructor(private readonly options: PeerOptions = {}) {
    const { sign, keys } = options, key = options.key ?? (sign && keys ? undefined : env("AGENT_API_KEY")), agent = agentOf(key) ?? (sign && !key ? keys?.agent : undefined);
    if (!agent) throw new TypeError("A peer needs its agent's own key: pass key, or set AGENT_API_KEY; or sign, and keys whose card is registered.");
    if (keys && keys.agent !== agent) throw new TypeError(`The key is ${agent}'s, and the ring ${keys.agent}'s.`);
    [this.key, this.agentId, this.cursor] = [key, agent, options.cursor];
    this.transport = new Transport(options.url ?? env("AGENT_API_URL") ?? "http://127.0.0.1:8080", options.retry);
  }

  /** Any route among agents. Without a key the client makes one, and keeps it until there is an answer. */
  async request<T>(method: string, path: string, body?: unknown, query: Record<string, string | number | undefined> = {}): Promise<Reply<T>> {
    return this.transport.send<T>({ method, path, token: await this.credential(), body, query });
  }

  /** Opens a conversation with others, agents or `skill:ID`: each is told, and hears one message until it joins or answers. */
  async open(participants: string[], more: { topic?: string; open?: boolean; limits?: object } = {}): Promise<Reply<Data["ConversationData"]>> {
    await this.ready();
    return this.request("POST", "/conversations", { participants, ...more });
  }

  conversation(conversationId: string): Promise<Reply<Data["ConversationData"]>> {
    return this.request("GET", at(conversationId));
  }

  /** Says any JSON value. It is durable when this returns, and said once however often it is tried. */
  async say(conversationId: string, content: unknown, options: SayOptions = {}): Promise<Reply<Data["SaidData"]>> {
    const messageId = options.messageId ?? newMessageId();
    if (!this.options.seal) return this.said(conversationId, content, { ...options, messageId });
    const sealed = await (await this.cards()).seal(content, options.contentType, conversationId, messageId);
    return this.said(conversationId, sealed, { ...options, messageId, contentType: "application/vnd.agora.sealed+json" });
  }

  /** Replies to a message, once: the reply's id follows from the message's. */
  reply(message: Heard, content: unknown, options: SayOptions = {}): Promise<Reply<Data["SaidData"]>> {
    return this.say(message.conversation_id, content, { messageId: `reply-${message.message_id}`, ...options, replyTo: message.message_id! });
  }

  /** Replies in parts: the request stays open until the last of them, or its deadline. */
  async replyInParts(message: Heard, parts: Iterable<unknown> | AsyncIterable<unknown>): Promise<Reply<Data["SaidData"]>> {
    let nth = 0, before: unknown;
    for await (const part of parts) {
      if (nth++ > 0) await this.reply(message, before, { more: true, messageId: `reply-${message.message_id}-${nth - 1}` });
      before = part;
    }
    return this.reply(message, before);
  }

  /** Asks, and waits so many seconds for the reply: of one in parts for the last. Unanswered: there is none in time. */
  async ask(conversationId: string, content: unknown, within = 60, options: SayOptions = {}): Promise<Heard> {
    let last: Heard | undefined;
    for await (const part of this.askInParts(conversationId, content, within, options)) last = part;
    return last!;
  }

  /** Asks, and tells each part of the reply when it comes. */
  async *askInParts(conversationId: string, content: unknown, within = 60, options: SayOptions = {}): AsyncGenerator<Heard> {
    const messageId = options.messageId ?? newMessageId(), end = this.transport.now() + within + grace;
    let cursor = (await this.page("now", 0)).next_cursor;
    await this.say(conversationId, content, { ...options, messageId, replyWithin: within });
    while (this.transport.now() < end) {
      const page = await this.page(cursor, look);
      for (const entry of page.entries.filter(one => one.conversation_id === conversationId)) {
        if (entry.kind === "unanswered" && entry.message_id === messageId) throw new Unanswered(messageId);
        if (entry.kind !== "message" || entry.reply_to !== messageId) continue;
        yield await this.opened(entry);
        if (!entry.more) return;
      }
      cursor = page.next_cursor;
    }
    throw new Unanswered(messageId);
  }

  invite(conversationId: string, agentId: string): Promise<Reply<Data["EnteredData"]>> {
    return this.request("POST", `${at(conversationId)}/invite`, { agent_id: agentId });
  }

  async join(conversationId: string): Promise<Reply<Data["EnteredData"]>> {
    await this.ready();
    return this.request("POST", `${at(conversationId)}/join`);
  }

  leave(conversationId: string): Promise<Reply<Data["EnteredData"]>> {
    return this.request("POST", `${at(conversationId)}/leave`);
  }

  close(conversationId: string): Promise<Reply<Data["EnteredData"]>> {
    return this.request("POST", `${at(conversationId)}/close`);
  }

  /** Everything up to this entry was received: it becomes no dead letter. */
  acknowledge({ conversation_id, number }: Heard): Promise<Reply<Data["AcknowledgedData"]>> {
    return this.request("POST", `${at(conversation_id)}/acknowledge`, { number });
  }

  /**
   * What all its conversations tell it, in one order, each entry once. A connection that is cut, at any byte, is opened again behind the last entry, later each time; it gives up where the deadline of `retry` passes without
   * a word. `cursor` moves on when an entry was taken. wait: false: as much as there is now.
   */
  async *inbox({ wait = true, signal }: { wait?: boolean; signal?: AbortSignal } = {}): AsyncGenerator<Heard> {
    await this.ready();
    if (this.cursor === "now") this.cursor = (await this.page("now", 0)).next_cursor; // A stream that is cut before its first event has no other place to go on from.
    for await (const [cursor, entry] of wait ? this.told(signal) : this.there()) {
      yield await this.opened(entry);
      this.cursor = cursor;
    }
  }

  /** What was said in one conversation, as far as this agent was to hear it, its own words included. */
  async *messages(conversationId: string): AsyncGenerator<Heard> {
    for (let after: string | undefined; ; ) {
      const page = (await this.request<Data["EntriesData"]>("GET", `${at(conversationId)}/messages`, undefined, { after })).data;
      for (const entry of page.entries) yield await this.opened(entry);
      if (page.entries.length === 0) return;
      after = page.next_cursor;
    }
  }

  /** Says in the registry what this agent is and offers, under its own keys. Needs seal or sign. */
  async register(card: CardSaid): Promise<void> {
    await (await this.cards()).register(card);
  }

  /** Says that this agent is there. Skills are asked of agents that are there. */
  async heartbeat(leaseSeconds = lease): Promise<Reply<Data["LeaseData"]>> {
    await (await this.cards()).ready();
    return this.request("POST", `/agents/${id(this.agentId)}/heartbeat`, { lease_seconds: leaseSeconds });
  }

  /** From now on the key that the registry shows is this peer's, whatever was seen before. Not without asking the peer by another way. */
  async accept(agentId: string): Promise<void> {
    await (await this.cards()).accept(agentId);
  }

  /** Another signing key in place of the present one, which signs for it, and is destroyed when the registry has the card by the next one. Peers are told. */
  async rotateSigningKey(): Promise<void> {
    await (await this.cards()).rotateSigningKey();
  }

  /**
   * Answers whoever pays for these services, until it is aborted. The endpoint of each is `agent:` and the agent's id, or `skill:` and a skill of its card. What the function returns is the output; Refused says no, and TryAgain
   * nothing: then, and where it fails, the run costs nothing.
   */
  async offer(services: Service[], { signal, log = console.error }: { signal: AbortSignal; log?: (error: unknown) => void }): Promise<void> {
    const offered = new Map(services.map(one => [one.id, one])), underWay = new Set<Promise<void>>();
    let beat: NodeJS.Timeout | undefined, missed: unknown;
    const over = new AbortController(), end = () => over.abort();
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      if (this.hasCard && !signal.aborted) {
        await this.heartbeat();
        beat = setInterval(() => void this.heartbeat().catch(error => ((missed = error), end())), (lease / 3) * 1000); // Nobody asks an agent that is not there.
      }
      for await (const said of this.inbox({ signal: over.signal })) {
        const asked = said.content as { service_id?: string; input?: unknown } | null, service = offered.get(asked?.service_id ?? "");
        if (said.kind !== "message" || said.sealed || !service || !said.run_id) continue; // Whoever says the same without a run pays nothing.
        const answering = this.answer(service, said, said.run_id, asked!.input, log).finally(() => underWay.delete(answering));
        underWay.add(answering);
        if (underWay.size >= atOnce) await Promise.race(underWay);
      }
    } finally {
      clearInterval(beat);
      signal.removeEventListener("abort", end);
      await Promise.all(underWay);
    }
    if (missed !== undefined) throw missed;
  }

  /** Replies in the clear to who runs a service, for Agora reads that. contentType application/problem+json says no, and costs nothing. */
  serve(run: Heard, output: unknown, contentType?: string): Promise<Reply<Data["SaidData"]>> {
    return this.said(run.conversation_id, output, { messageId: `reply-${run.message_id}`, replyTo: run.message_id!, ...(contentType === undefined ? {} : { contentType }) });
  }

  private async answer(service: Service, run: Heard, runId: string, input: unknown, log: (error: unknown) => void): Promise<void> {
    try {
      let output = await service.run(input, { runId, maxCostCents: undefined, traceparent: undefined });
      if (output instanceof Metered) output = output.output;
      if (service.streams) output = await all(output as AsyncIterable<unknown>);
      await this.serve(run, JSON.parse(service.answered(output)));
    } catch (error) {
      if (error instanceof TryAgain) return;
      if (!(error instanceof Refused)) log(error);
      const no = error instanceof Refused ? { code: error.code, title: error.message } : { code: "internal", title: "The agent has failed." };
      await this.serve(run, no, problem).catch(log); // Its time may be over, or nobody is reached: the run ends without it.
    }
  }

  private said(conversationId: string, content: unknown, { messageId, contentType, replyTo, more, replyWithin, onBehalfOf, ttlSeconds }: SayOptions): Promise<Reply<Data["SaidData"]>> {
    const on_behalf_of = onBehalfOf && { conversation_id: onBehalfOf.conversation_id, message_id: onBehalfOf.message_id };
    const body = { message_id: messageId, content: content ?? null, content_type: contentType, reply_to: replyTo, more: more || undefined, reply_within_seconds: replyWithin, on_behalf_of, ttl_seconds: ttlSeconds };
    return this.request("POST", `${at(conversationId)}/messages`, body);
  }

  private async page(after: string | undefined, wait: number): Promise<Data["EntriesData"]> {
    return (await this.request<Data["EntriesData"]>("GET", "/agent/inbox", undefined, { wait_seconds: wait, after })).data;
  }

  private async *there(): AsyncGenerator<[string | undefined, Data["InboxEntryData"]]> {
    for (let cursor = this.cursor; ; ) {
      const page = await this.page(cursor, 0), last = page.entries.length - 1;
      for (const [at, entry] of page.entries.entries()) yield [at < last ? cursor : page.next_cursor, entry];
      if (last < 0) return;
      cursor = page.next_cursor;
    }
  }

  private async *told(signal?: AbortSignal): AsyncGenerator<[string, Data["InboxEntryData"]]> {
    const { now, sleep, retry } = this.transport;
    for (let attempt = 0, heard = now(), cursor = this.cursor; !signal?.aborted; attempt++) {
      await this.ready(); // Who listens for days has the key of the day, also where it says nothing.
      const connected = now();
      let pause: number | null = 0.05 * attempt;
      try {
        for await (const { id, data } of this.transport.events({ path: cursor === undefined ? "/agent/inbox" : `/agent/inbox?after=${encodeURIComponent(cursor)}`, token: await this.credential() }, cursor, signal)) {
          [attempt, heard, cursor] = [0, now(), id];
          yield [id, JSON.parse(data)];
        }
      } catch (lost) {
        if (signal?.aborted) return;
        pause = lost instanceof AgoraError ? this.transport.pause(lost, attempt) : null;
        if (pause === null || now() - heard >= retry.deadline) throw lost;
      }
      if (now() - connected >= retry.timeout) [attempt, heard] = [0, now()]; // It was there for so long, with nothing to say.
      if (pause > 0) await sleep(pause);
    }
  }

  /** Whoever hears of this agent finds its card. */
  private async ready(): Promise<void> {
    if (this.hasCard) await (await this.cards()).ready();
  }

  private get hasCard(): boolean {
    return Boolean(this.options.seal || this.options.sign);
  }

  /** A signature counts by the card that the registry has. */
  private async credential(): Promise<string | Signed> {
    if (!this.options.sign) return this.key!;
    await this.ready();
    return this.signed(this.options.sessionId);
  }

  private async signed(session?: string): Promise<Signed> {
    return { keys: (await this.cards()).ring, session, tenant: this.options.tenant ?? tenantOf(this.key) };
  }

  /** Its own card is kept with the API key, where there is one. */
  private async ofCard<T>(method: string, body?: unknown): Promise<Reply<T>> {
    return this.transport.send<T>({ method, path: `/agents/${id(this.agentId)}`, token: this.key ?? (await this.signed()), body });
  }

  private async opened(entry: Data["InboxEntryData"]): Promise<Heard> {
    return this.options.seal ? (await this.cards()).open(entry) : entry;
  }

  /** Sealing and signing need Node's cryptography, all else does not. */
  private cards(): Promise<Cards> {
    const { keys, keysPath, keyChanged } = this.options;
    if (!this.hasCard) throw new TypeError("An agent's card is signed by its keys: pass seal or sign.");
    const warn = keyChanged ?? (({ agent, known, given, isRotation }) => console.warn(`${agent} has signed by ${known} so far, and signs by ${given} now, which the key before ${isRotation ? "says" : "does not say"}.`));
    return (this.opening ??= import("./sealed/index.js").then(({ Cards }) => new Cards(this, (method, body) => this.ofCard(method, body), keys, keysPath ?? env("AGORA_KEYS") ?? `${this.agentId}.keys.json`, warn)));
  }
}

async function all(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

const at = (conversationId: string) => `/conversations/${encodeURIComponent(conversationId)}`;

/** A UUIDv7 (RFC 9562): a message under it is known again for two minutes, at no cost. */
function newMessageId(): string {
  const random = crypto.randomUUID(), time = Date.now().toString(16).padStart(12, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}

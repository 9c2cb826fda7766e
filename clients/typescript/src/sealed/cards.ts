// An agent's cards: its own, which the registry has as its keys are, and those of its peers, by which it seals what it says and opens what it hears.
import { existsSync } from "node:fs";
import { AuthenticationError, NotFound } from "../errors.js";
import type { components } from "../schema.js";
import type { Reply } from "../transport.js";
import { CannotOpen, CardInvalid, KeyChanged, SealedError } from "./errors.js";
import { KeyRing, type AgentCard } from "./ring.js";

/** Of a message whose body is sealed. */
export const sealedType = "application/vnd.agora.sealed+json";

/** A peer signs by another key than before. Keys are named by their thumbprints. isRotation: the key before says so itself. */
export interface KeyWarning {
  agent: string;
  known: string;
  given: string;
  isRotation: boolean;
}

type Registered = components["schemas"]["RegistrationData"];
type Entry = components["schemas"]["InboxEntryData"];

interface Asking {
  readonly agentId: string;
  request<T>(method: string, path: string, body?: unknown): Promise<Reply<T>>;
}

const keptSeconds = 300; // A key that another has followed still opens for days.

/** Who takes part is asked for each message, so nothing is sealed to an agent that has left. own: asks for the agent's own card, or puts it. */
export class Cards {
  readonly ring: KeyRing;
  private readonly cards = new Map<string, { card: AgentCard; at: number }>();
  private registered: string | undefined;
  private registering: Promise<unknown> = Promise.resolve();

  constructor(private readonly peer: Asking, private readonly own: <T>(method: string, body?: unknown) => Promise<Reply<T>>, keys: KeyRing | undefined, path: string, private readonly changed: (warning: KeyWarning) => void) {
    const rotated = (agent: string, known: string, given: string) => changed({ agent, known, given, isRotation: true });
    this.ring = keys ?? (existsSync(path) ? KeyRing.load(path, { rotated }) : KeyRing.create(peer.agentId, path, { rotated }));
  }

  /** The registry has this agent's keys as they are now: a key whose epoch is over was followed by the next. */
  async ready(): Promise<void> {
    this.ring.rekey();
    if (this.registered !== this.ring.keyIds) await this.register();
  }

  /** said: members of the card; none: what stands, if only the keys are those of the ring. One at a time. */
  register(said?: object): Promise<void> {
    return this.inTurn(() => this.put(said));
  }

  /** Between the key before and the card by the next one nothing else is registered, nor rotated: of the two keys that are kept one is the registry's. */
  rotateSigningKey(): Promise<void> {
    return this.inTurn(async () => {
      await this.put();
      this.ring.beginRotation();
      await this.put();
    });
  }

  async accept(agent: string): Promise<void> {
    this.ring.accept((await this.cardOf(agent, true)).card);
  }

  /** What is said in place of the content. */
  async seal(content: unknown, contentType: string | undefined, conversationId: string, messageId: string): Promise<unknown> {
    await this.ready();
    const { members } = (await this.peer.request<components["schemas"]["ConversationData"]>("GET", `/conversations/${encodeURIComponent(conversationId)}`)).data;
    const others = members.filter(one => ["joined", "invited"].includes(one.standing) && one.agent_id !== this.peer.agentId).map(one => one.agent_id);
    return JSON.parse(await this.byCards(others, cards => this.ring.seal(JSON.stringify(content ?? null), contentType ?? "application/json", conversationId, messageId, cards)));
  }

  /** The entry as it was said: `sealed` is true, and where it stays closed `unopened` is why. */
  async open(entry: Entry): Promise<Entry & { sealed?: boolean; unopened?: string }> {
    if (entry.kind !== "message" || entry.content_type !== sealedType) return entry;
    await this.ready();
    try {
      const { content, contentType } = await this.byCards([entry.agent_id!], cards => this.ring.open(JSON.stringify(entry.content), entry.conversation_id, entry.message_id!, cards[0]!));
      return { ...entry, content: read(content), content_type: contentType, sealed: true };
    } catch (closed) {
      if (closed instanceof SealedError) return { ...entry, sealed: true, unopened: closed.code };
      throw closed;
    }
  }

  private inTurn(act: () => Promise<void>): Promise<void> {
    const done = this.registering.then(act);
    this.registering = done.catch(() => undefined);
    return done;
  }

  private async put(said?: object): Promise<void> {
    const keys = this.ring.keyIds, stands = await this.find(this.peer.agentId);
    if (said || !stands || keys !== `${stands.signing_key.x} ${stands.encryption_key.x}`) {
      const name = this.peer.agentId, card = stands ? JSON.parse(Buffer.from(stands.card.split(".")[1]!, "base64url").toString()) : { name, description: name, skills: [] };
      const signed = this.ring.signCard({ ...card, ...said, version: (stands?.version ?? 0) + 1 }, stands ? Math.floor(Date.parse(stands.created_at) / 1000) : -1);
      await this.asked("PUT", { card: signed, rotations: this.ring.card.rotations });
    }
    this.ring.endRotation();
    this.registered = keys;
  }

  /** Done by the cards that are known, and where these do not do it by those that stand now. */
  private async byCards<T>(agents: string[], done: (cards: AgentCard[]) => T): Promise<T> {
    for (let fresh = false; ; fresh = true) {
      const found = [];
      for (const agent of agents) found.push(await this.cardOf(agent, fresh));
      try {
        return done(found.map(one => one.card));
      } catch (refused) {
        if (refused instanceof SealedError && !found.every(one => one.isFresh)) continue; // Another card may stand by now.
        if (refused instanceof KeyChanged) this.changed({ agent: refused.agent, known: refused.known, given: refused.given, isRotation: false });
        throw refused;
      }
    }
  }

  private async cardOf(agent: string, fresh: boolean): Promise<{ card: AgentCard; isFresh: boolean }> {
    if (agent === this.peer.agentId) return { card: this.ring.card, isFresh: true };
    const known = this.cards.get(agent), now = performance.now() / 1000;
    if (known && !fresh && now - known.at < keptSeconds) return { card: known.card, isFresh: false };
    const found = await this.find(agent);
    if (!found || found.revocation) throw new CardInvalid(agent, found ? "it was revoked" : "it has not registered any");
    const card = { agent, signingKey: found.signing_key.x, epochKey: found.card, rotations: found.rotations };
    this.cards.set(agent, { card, at: now });
    return { card, isFresh: true };
  }

  private async find(agent: string): Promise<Registered | undefined> {
    try {
      return (await (agent === this.peer.agentId ? this.asked("GET") : this.peer.request<Registered>("GET", `/agents/${path(agent)}`))).data;
    } catch (refused) {
      if (refused instanceof NotFound) return undefined;
      throw refused;
    }
  }

  /** The own card. Where the answer to a rotation was lost the registry takes requests by the next key alone. */
  private async asked(method: string, body?: unknown): Promise<Reply<Registered>> {
    try {
      return await this.own(method, body);
    } catch (refused) {
      const fault = refused instanceof AuthenticationError && refused.code === "signature_refused" ? (refused.details as { fault?: string } | null)?.fault : undefined;
      if (fault !== "other_key" || !this.ring.tryNext()) throw refused;
    }
    try {
      return await this.own(method, body);
    } catch (refused) {
      this.ring.tryFormer();
      throw refused;
    }
  }
}

const path = (agent: string) => encodeURIComponent(agent).replaceAll("%3A", ":");

function read(content: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    throw new CannotOpen("malformed");
  }
}

// An agent's keys, and what it has seen of its peers': seals messages that only their recipients read, and opens those that its peers sealed.
import { randomBytes, type KeyObject } from "node:crypto";
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { isKey } from "../receipts.js";
import { CannotOpen, CardInvalid, KeyChanged, KeyRingInvalid } from "./errors.js";
import { isAgent, isContentType, isId, mostBytes, mostRecipients, open, read, seal } from "./message.js";
import { base64url, decode, privateKey, publicOf, thumbprint, type Bytes } from "./primitives.js";
import { signedHeaders, type SignedRequest } from "./requests.js";
import { epochOf, leads, numberOf, ofCard, ofEpoch, ofRotation, type EpochKey } from "./statements.js";

/** What others need of an agent in order to seal to it and to know its signature. Nothing of it is secret. */
export interface AgentCard {
  agent: string;
  /** Ed25519, 32 bytes in base64url. */
  signingKey: string;
  /** Which key messages are sealed to now: a statement by the signing key, or its card of the registry. */
  epochKey: string;
  /** Statements that lead from earlier signing keys to this one, the oldest first. */
  rotations: readonly string[];
}

/** What a sealed message says. recipients: all agents that it was sealed to, the sender among them. */
export interface Opened {
  sender: string;
  contentType: string;
  content: Uint8Array;
  recipients: string[];
}

export interface KeyRingOptions {
  /** A key is taken for so long. */
  epochSeconds?: number;
  /** A key that another has followed is kept for so long, for messages still under way, and then destroyed. */
  retentionSeconds?: number;
  /** Milliseconds of Unix time. */
  now?: () => number;
  /** Is told when a peer has another signing key, and the one before says so. Keys are named by their thumbprints. */
  rotated?: (agent: string, from: string, to: string) => void;
}

interface Epoch extends EpochKey {
  secret: Bytes;
}

interface Peer {
  key: Bytes;
  /** When the newest key was made that a card of it had. */
  made: number;
  previous?: Bytes;
  /** Until when the key before counts. */
  until?: number;
}

interface State {
  agent: string;
  seed: Bytes;
  rotations: string[];
  /** The oldest first; the last is the one that the card has. */
  epochs: Epoch[];
  peers: ReadonlyMap<string, Peer>;
  /** The seed before, of a rotation that the registry has perhaps not heard of. */
  former?: Bytes;
}

const mostRotations = 64;

/** docs/encryption.md says what it promises, and what not. A file belongs to one process at a time. */
export class KeyRing {
  private signing: KeyObject;
  private isRegistered = false;
  private readonly epochSeconds: number;
  private readonly retentionSeconds: number;

  private constructor(private state: State, private readonly path: string | undefined, private readonly options: KeyRingOptions) {
    this.signing = privateKey("Ed25519", state.seed);
    this.epochSeconds = options.epochSeconds ?? 86_400;
    this.retentionSeconds = options.retentionSeconds ?? 7 * 86_400;
    if (!(this.epochSeconds > 0) || !(this.retentionSeconds >= 0)) throw new RangeError("An epoch has a length, and retention is not negative.");
  }

  /** New keys of an agent that has none. path: of a file that is not there yet; none: the keys end with this object. */
  static create(agent: string, path?: string, options: KeyRingOptions = {}): KeyRing {
    if (!isAgent(agent)) throw new RangeError("It is no agent's id.");
    const seed = randomBytes(32), own = { key: publicOf(privateKey("Ed25519", seed)), made: 0 };
    const ring = new KeyRing({ agent, seed, rotations: [], epochs: [epoch(randomBytes(32), seconds(options))], peers: new Map([[agent, own]]) }, path, options);
    if (path !== undefined) closeSync(openSync(path, "wx", 0o600)); // Whose name it is, is settled by this.
    ring.keep(ring.state);
    return ring;
  }

  /** Of a file that any of the clients has made. */
  static load(path: string, options: KeyRingOptions = {}): KeyRing {
    if (process.platform !== "win32" && (statSync(path).mode & 0o077) !== 0) throw new KeyRingInvalid(`Others than its owner have access to ${path}: chmod 600 takes that away.`);
    return new KeyRing(parsed(readFileSync(path, "utf8")), path, options);
  }

  get agent(): string {
    return this.state.agent;
  }

  /** What peers need of this agent: to be published whenever it has changed. */
  get card(): AgentCard {
    return { agent: this.agent, signingKey: base64url(publicOf(this.signing)), epochKey: ofEpoch(this.agent, this.state.epochs.at(-1)!, this.signing), rotations: this.state.rotations };
  }

  /** Which keys the card has now: signing, and sealing. */
  get keyIds(): string {
    return `${base64url(publicOf(this.signing))} ${base64url(this.state.epochs.at(-1)!.publicKey)}`;
  }

  /** The card by which the registry knows this agent (docs/peers.md), with its present keys, signed. said: its other members; after: when the card before was made, in seconds of Unix time. */
  signCard(said: object, after = -1): string {
    const newest = this.state.epochs.at(-1)!, made = Math.max(seconds(this.options), newest.made, after + 1);
    return ofCard({ ...said, created_at: `${new Date(made * 1000).toISOString().slice(0, 19)}Z` }, this.agent, newest, this.signing);
  }

  /** The headers by which a request is the agent's, in place of a bearer token, where its card is registered (docs/signed-requests.md). */
  signRequest(request: SignedRequest): Record<string, string> {
    const { former } = this.state;
    return signedHeaders(former && !this.isRegistered ? privateKey("Ed25519", former) : this.signing, this.agent, request, seconds(this.options));
  }

  /**
   * Makes the next key where the present one's epoch is over, and destroys those whose time is over: to be called at the start and then a few times an epoch.
   * always: also where the epoch is not over. True: the card is another, and has to be published.
   */
  rekey(always = false): boolean {
    const now = seconds(this.options), newest = this.state.epochs.at(-1)!, due = always || now - newest.made >= this.epochSeconds;
    const epochs = due ? [...this.state.epochs, epoch(randomBytes(32), Math.max(now, newest.made + 1))] : this.state.epochs;
    const isOver = (at: number) => at + 1 < epochs.length && epochs[at + 1]!.made + this.retentionSeconds <= now;
    const over = epochs.filter((_, at) => isOver(at));
    if (!due && over.length === 0) return false;
    this.keep({ ...this.state, epochs: epochs.filter((_, at) => !isOver(at)) });
    for (const one of over) one.secret.fill(0);
    return due;
  }

  /** Another signing key in place of the present one, which signs for it and is destroyed. The card has to be published. */
  rotateSigningKey(): AgentCard {
    this.beginRotation();
    this.endRotation();
    return this.card;
  }

  /** @internal Another signing key in place of the present one, which signs for it, and goes on signing requests: the registry takes the next card from no other. It is kept in the file until endRotation. */
  beginRotation(): void {
    if (this.state.rotations.length >= mostRotations) throw new RangeError(`A signing key is rotated ${mostRotations} times at most: the agent goes on with the one that it has, or under another id.`);
    this.endRotation();
    const seed = randomBytes(32), next = privateKey("Ed25519", seed);
    const rotations = [...this.state.rotations, ofRotation(this.agent, publicOf(next), this.signing, numberOf(this.state.rotations.at(-1) ?? "") + 1)];
    const own = { key: publicOf(next), made: 0, previous: publicOf(this.signing), until: seconds(this.options) + this.retentionSeconds };
    this.keep({ ...this.state, seed, former: this.state.seed, rotations, peers: new Map(this.state.peers).set(this.agent, own) });
    this.signing = next;
  }

  /** @internal The registry refuses the key before: it may have the card by the next one, which signs from now on. False: that one signs already. */
  tryNext(): boolean {
    if (!this.state.former || this.isRegistered) return false;
    return (this.isRegistered = true);
  }

  /** @internal It had not: the key before goes on. */
  tryFormer(): void {
    this.isRegistered = false;
  }

  /** @internal The registry has the card by the present key: the one before is destroyed. */
  endRotation(): void {
    const { former, ...state } = this.state;
    if (!former) return;
    this.keep(state);
    this.isRegistered = false;
    former.fill(0);
  }

  /** From now on the card's signing key is this peer's, whatever was seen before. */
  accept(card: AgentCard): void {
    const key = signingKeyOf(card);
    if (card.agent === this.agent) throw new RangeError("The ring knows its own key.");
    this.keep({ ...this.state, peers: new Map(this.state.peers).set(card.agent, { key, made: 0 }) });
  }

  /** Seals a message to these agents, 1 to 64, each once, and to this one. The message itself is `application/vnd.agora.sealed+json`. */
  seal(content: Uint8Array | string, contentType: string, conversation: string, messageId: string, recipients: readonly AgentCard[]): string {
    const others = recipients.filter(card => card.agent !== this.agent);
    if (!isId(conversation) || !isId(messageId) || !isContentType(contentType)) throw new RangeError("It has no content type, or no ids.");
    if (others.length < 1 || others.length > mostRecipients || new Set(others.map(card => card.agent)).size !== others.length) throw new RangeError(`There are 1 to ${mostRecipients} recipients, each once.`);
    const peers = new Map(this.state.peers), notices: [string, string, string][] = [], keys: [string, EpochKey][] = [[this.agent, this.state.epochs.at(-1)!]];
    for (const card of others) {
      const peer = this.seen(card, notices), key = epochOf(card.epochKey, card.agent, peer.key);
      if (!key) throw new CardInvalid(card.agent, "its signing key has signed no key to seal to");
      if (key.made < peer.made) throw new CardInvalid(card.agent, "a newer key to seal to was seen before");
      peers.set(card.agent, { ...peer, made: key.made });
      keys.push([card.agent, key]);
    }
    const message = seal({ conversation, messageId, sender: this.agent }, typeof content === "string" ? Buffer.from(content) : content, contentType, keys.sort(([a], [b]) => (a < b ? -1 : 1)), this.signing);
    if (message.length > mostBytes) throw new RangeError(`A sealed message has at most ${mostBytes} bytes, and this would have ${message.length}.`);
    this.see(peers, notices);
    return message;
  }

  /** Opens a message that the sender sealed to this agent, in this conversation, under this id. sender: its card; of this agent's own messages the own. */
  open(message: string, conversation: string, messageId: string, sender: AgentCard): Opened {
    const text = isId(conversation) && isId(messageId) ? read(message) : null;
    if (!text) throw new CannotOpen("malformed");
    const notices: [string, string, string][] = [], known = this.state.peers.get(sender.agent), peer = sender.agent === this.agent ? known! : this.seen(sender, notices);
    const peers = new Map(this.state.peers).set(sender.agent, peer);
    if (notices.length > 0) this.see(peers, notices);
    const own = text.to.find(one => one.agent === this.agent);
    if (!own) throw new CannotOpen("not_for_us");
    const key = this.state.epochs.find(one => thumbprint("X25519", one.publicKey) === own.key);
    if (!key) throw new CannotOpen("key_gone");
    const signers = peer.previous && peer.until! > seconds(this.options) ? [peer.key, peer.previous] : [peer.key];
    const opened = open({ conversation, messageId, sender: sender.agent }, text, own, privateKey("X25519", key.secret), signers);
    if (!known) this.see(peers, []);
    return { sender: sender.agent, ...opened, recipients: text.to.map(one => one.agent) };
  }

  /** The peer with the card's signing key, if that is the one that was seen, the first that is seen, or follows by rotations. */
  private seen(card: AgentCard, notices: [string, string, string][]): Peer {
    const key = signingKeyOf(card), known = this.state.peers.get(card.agent);
    if (!known) return { key, made: 0 };
    if (Buffer.compare(known.key, key) === 0) return known;
    const [from, to] = [thumbprint("Ed25519", known.key), thumbprint("Ed25519", key)];
    if (!leads(card.agent, known.key, key, card.rotations.slice(-mostRotations))) throw new KeyChanged(card.agent, from, to);
    notices.push([card.agent, from, to]);
    return { key, made: known.made, previous: known.key, until: seconds(this.options) + this.retentionSeconds };
  }

  private see(peers: ReadonlyMap<string, Peer>, notices: [string, string, string][]): void {
    if (written({ ...this.state, peers }) !== written(this.state)) this.keep({ ...this.state, peers });
    for (const notice of notices) this.options.rotated?.(...notice);
  }

  /** A key is in the file before a card has it, and a peer's key before anything is sealed to it. */
  private keep(next: State): void {
    if (this.path !== undefined) {
      rmSync(`${this.path}.new`, { force: true }); // Of a process that ended in the middle; nobody was told of it.
      const file = openSync(`${this.path}.new`, "wx", 0o600);
      try {
        writeSync(file, written(next));
        fsyncSync(file);
        renameSync(`${this.path}.new`, this.path);
        fsyncSync(file); // The new name too.
      } finally {
        closeSync(file);
      }
    }
    this.state = next;
  }
}

const seconds = (options: KeyRingOptions) => Math.floor((options.now ?? Date.now)() / 1000);

const epoch = (secret: Bytes, made: number): Epoch => ({ secret, made, publicKey: publicOf(privateKey("X25519", secret)) });

function signingKeyOf(card: AgentCard): Bytes {
  const key = isAgent(card.agent) ? decode(card.signingKey, 32) : null;
  if (!key || !isKey(key)) throw new CardInvalid(String(card.agent), "its signing key is none");
  return key;
}

const written = (state: State) => JSON.stringify({
  v: 1, agent: state.agent, signing: base64url(state.seed), rotations: state.rotations, epochs: state.epochs.map(one => ({ key: base64url(one.secret), made: one.made })),
  peers: Object.fromEntries([...state.peers].sort(([a], [b]) => (a < b ? -1 : 1)).map(([agent, peer]) => [agent, { key: base64url(peer.key), made: peer.made, ...(peer.previous && { previous: base64url(peer.previous), until: peer.until }) }])),
  ...(state.former && { former: base64url(state.former) }),
});

function parsed(text: string): State {
  const fail = (cause?: unknown) => new KeyRingInvalid("The file is no key ring.", cause);
  const key = (value: unknown) => {
    const bytes = decode(value, 32);
    if (!bytes) throw fail();
    return bytes;
  };
  const number = (value: unknown) => {
    if (typeof value !== "number" || !Number.isSafeInteger(value)) throw fail();
    return value;
  };
  try {
    const json = JSON.parse(text), peers: [string, Peer][] = Object.entries(json.peers).map(([agent, peer]) => {
      const one = peer as Record<string, unknown>;
      return [agent, { key: key(one["key"]), made: number(one["made"]), ...(one["previous"] !== undefined && { previous: key(one["previous"]), until: number(one["until"]) }) }];
    });
    const state: State = { agent: json.agent, seed: key(json.signing), rotations: json.rotations.map(String), epochs: json.epochs.map((one: Record<string, unknown>) => epoch(key(one["key"]), number(one["made"]))), peers: new Map(peers), ...(json.former !== undefined && { former: key(json.former) }) };
    if (json.v !== 1 || !isAgent(state.agent) || state.epochs.length === 0 || !state.peers.has(state.agent)) throw fail();
    return state;
  } catch (cause) {
    throw cause instanceof KeyRingInvalid ? cause : fail(cause);
  }
}

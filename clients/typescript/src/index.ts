export { Agent, allScopes, type AgentOptions, type RunOptions, type Scopes } from "./agent.js";
export * from "./errors.js";
export { Operator } from "./operator.js";
export { Peer, type CardSaid, type Heard, type PeerOptions, type SayOptions } from "./peer.js";
export { verifyEd25519, verifyReceipt, type Jwks, type ReceiptClaims } from "./receipts.js";
export type { components, operations, paths } from "./schema.js";
export { newKey, Transport, type Reply, type Request, type RetryOptions } from "./transport.js";

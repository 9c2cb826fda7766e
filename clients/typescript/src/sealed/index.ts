export { Cards, sealedType, type KeyWarning } from "./cards.js";
export * from "./errors.js";
export { KeyRing, type AgentCard, type KeyRingOptions, type Opened } from "./ring.js";

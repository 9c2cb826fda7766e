// Why nothing was sealed or opened. `code` is for programs, and the same in all clients.

export abstract class SealedError extends Error {
  constructor(readonly code: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.name = new.target.name;
  }
}

/**
 * A message does not open. malformed: it is no sealed message. not_for_us: it is sealed to others. key_gone: to a key that is destroyed, or never was in this ring.
 * not_authentic: whatever else is not as it was when this sender sealed it to this agent, in this conversation, under this message id. That says no more, so
 * that nobody learns of the content by asking with changed messages.
 */
export class CannotOpen extends SealedError {
  constructor(code: "malformed" | "not_for_us" | "key_gone" | "not_authentic") {
    super(code, `The message does not open: ${code}.`);
  }
}

/** A peer's signing key is another than it was, and the one before does not say so. Nothing is sealed to it or opened of it until `KeyRing.accept`. Keys are named by their thumbprints. */
export class KeyChanged extends SealedError {
  constructor(readonly agent: string, readonly known: string, readonly given: string) {
    super("key_changed", `${agent} has signed by ${known} so far, and is said to sign by ${given} now.`);
  }
}

/** A card has no key that its agent has signed, or an older one than was seen before. */
export class CardInvalid extends SealedError {
  constructor(readonly agent: string, why: string) {
    super("card_invalid", `The card of ${agent} is not taken: ${why}.`);
  }
}

/** The file is no key ring, or others can read it. */
export class KeyRingInvalid extends SealedError {
  constructor(message: string, cause?: unknown) {
    super("ring_invalid", message, cause);
  }
}

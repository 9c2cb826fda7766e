// What a request can end with besides an answer. Each code of docs/errors.md is of one family, and each family is a class.
import type { codes, components } from "./schema.js";

export type Code = (typeof codes)[number];
export type NextAction = components["schemas"]["NextAction"];
export type RetryWith = "same_key" | "new_key" | "never";

/** A refusal as a reply holds it. */
export interface Refusal {
  code: string;
  message: string;
  details?: unknown;
  retry?: RetryWith;
  retry_after_seconds?: number | null;
  next_actions?: NextAction[];
}

export class AgoraError extends Error {
  readonly code: string;
  readonly details: unknown;
  readonly retry: RetryWith;
  /** Seconds before which the same is not sent again; null: what refused it has to change first. */
  readonly retryAfterSeconds: number | null;
  /** What would help, the best first. */
  readonly nextActions: NextAction[];

  constructor(readonly status: number, refusal: Refusal, readonly requestId: string | null = null, readonly key: string | null = null, cause?: unknown) {
    super(`${refusal.code}: ${refusal.message}`, { cause });
    this.name = new.target.name;
    this.code = refusal.code;
    this.details = refusal.details ?? null;
    this.retry = refusal.retry ?? "never";
    this.retryAfterSeconds = refusal.retry_after_seconds ?? null;
    this.nextActions = refusal.next_actions ?? [];
  }
}

/** The key or the session is not taken, or not any more. */
export class AuthenticationError extends AgoraError {}
/** Role, scope, grant, suspension or campaign do not allow it. */
export class NotAllowed extends AgoraError {}
/** A limit has not enough left: details say which, and what would pass. */
export class LimitReached extends AgoraError {}
/** Nobody pays for it. */
export class PaymentRequired extends AgoraError {}
/** There is no such thing here. */
export class NotFound extends AgoraError {}
/** The request has to be mended: details of validation_failed list what is wrong. */
export class InvalidRequest extends AgoraError {}
/** It was done, decided or changed before. */
export class Conflict extends AgoraError {}
/** Too many requests, for longer than the client was told to wait. */
export class RateLimited extends AgoraError {}
/** The service that was run has failed. It cost nothing. */
export class ServiceFailed extends AgoraError {}
/** The request was not decided, or nobody knows whether it was. The same key finds out. */
export class Unavailable extends AgoraError {}

/** No answer came within the deadline. What the request asked for may have been done: sent again under the same `key`, it is done once. */
export class NoAnswer extends AgoraError {
  constructor(cause: unknown, key: string | null) {
    super(0, { code: "no_answer", message: `There was no answer: ${cause instanceof Error ? cause.message : String(cause)}`, retry: "same_key" }, null, key, cause);
  }
}

/** The session ended while a request waited for its answer. Keys belong to a session, so asking in a new one could do it twice: look first at what the old one did. */
export class SessionLost extends AuthenticationError {
  constructor(error: AgoraError) {
    const message = "The session has ended, and an earlier try of this request had no answer: look at what it did before you send it in a new session.";
    super(error.status, { code: error.code, message, details: error.details, next_actions: error.nextActions }, error.requestId, error.key, error);
  }
}

/** A run that was waited for has failed, or was cancelled. It cost nothing. */
export class RunFailed extends ServiceFailed {
  constructor(readonly run: components["schemas"]["RunData"], requestId: string | null) {
    super(200, { code: run.failure?.code ?? "upstream_failed", message: `Run ${run.run_id} has failed.`, details: { run_id: run.run_id }, retry: run.failure?.retry ?? "new_key" }, requestId);
  }
}

/** Nobody has replied in time. A later reply stands in the conversation, behind the word `unanswered`. */
export class Unanswered extends AgoraError {
  constructor(readonly messageId: string) {
    super(0, { code: "unanswered", message: `There is no reply to ${messageId} in time.` });
  }
}

/** A receipt, a key set or a signature is not what it says it is. */
export class ReceiptInvalid extends Error {
  override name = "ReceiptInvalid";
}

export const families: Record<Code, typeof AgoraError> = {
  unauthorized: AuthenticationError, session_expired: AuthenticationError, session_revoked: AuthenticationError, test_reset: AuthenticationError, signature_refused: AuthenticationError,
  forbidden: NotAllowed, test_only: NotAllowed, scope_violation: NotAllowed, grant_exceeded: NotAllowed, session_suspended: NotAllowed, not_eligible: NotAllowed,
  budget_exceeded: LimitReached, payment_required: PaymentRequired, rewards_exhausted: PaymentRequired, not_found: NotFound,
  malformed_request: InvalidRequest, content_refused: InvalidRequest, method_not_allowed: InvalidRequest, not_acceptable: InvalidRequest, payload_too_large: InvalidRequest,
  unsupported_media_type: InvalidRequest, validation_failed: InvalidRequest,
  duplicate_request: Conflict, task_already_completed: Conflict, idempotency_conflict: Conflict, idempotency_in_flight: Conflict, approval_decided: Conflict,
  run_cancelled: Conflict, run_decided: Conflict, key_mismatch: Conflict, conversation_closed: Conflict, not_accepted: Conflict, precondition_failed: Conflict,
  rate_limited: RateLimited, upstream_failed: ServiceFailed, upstream_timeout: ServiceFailed, unavailable: Unavailable, internal: Unavailable,
};

/** When a request was signed, and when that was for the server. */
export interface SignedAt {
  here: Date;
  there: Date;
}

export function signedAt(sent: Record<string, string>, response: Response): SignedAt | undefined {
  const created = /;created=(\d+)/.exec(sent["signature-input"] ?? "")?.[1], date = response.headers.get("date");
  return created && date ? { here: new Date(Number(created) * 1000), there: new Date(date) } : undefined;
}

/** The error that a reply stands for, whatever the reply holds. Of a request that was signed at another time than the server has it says by how much this clock is off. */
export function refused(status: number, body: unknown, key: string | null, signed?: SignedAt): AgoraError {
  const { error, request_id } = (typeof body === "object" && body !== null ? body : {}) as { error?: Refusal; request_id?: string };
  const refusal = typeof error === "object" && error !== null ? error : { code: `http_${status}`, message: `Status ${status}, without an error that Agora would send.` };
  if (signed && refusal.code === "signature_refused" && (refusal.details as { fault?: string } | null)?.fault === "stale") refusal.message += ` ${clockOff(signed)}`;
  const family = Object.hasOwn(families, refusal.code) ? families[refusal.code as Code] : AgoraError;
  return new family(status, refusal, request_id ?? null, key);
}

function clockOff({ here, there }: SignedAt): string {
  const time = (at: Date) => `${at.toISOString().slice(0, 19)}Z`, apart = (here.getTime() - there.getTime()) / 1000;
  return `This clock was at ${time(here)}, the server's at ${time(there)}: it is ${Math.abs(apart)} s ${apart > 0 ? "ahead" : "behind"}.`;
}

// A service of a provider: a function, its schemas, and what an operator puts of it.
import { completed, violations, type Infer, type Schema, type Violation } from "./schema.js";

/** The input is wrong in a way that no schema says. The run fails and costs nothing; it does not count against the service. */
export class Refused extends Error {
  constructor(message: string, readonly code = "refused", readonly status = 422, readonly details?: Violation[]) {
    super(message);
  }
}

/** Not now: Agora calls again, with the same run id. */
export class TryAgain extends Error {}

/** What is known of the run. */
export interface Call {
  runId: string;
  maxCostCents: string | undefined;
  traceparent: string | undefined;
}

/** What a metered service answers: its output, and what the run cost, in cents with up to four decimals. */
export class Metered<T> {
  constructor(readonly output: T, readonly costCents: number | string) {}
}

type AnySchema = Schema<unknown, boolean>;

export interface ServiceOptions<I extends AnySchema, O extends AnySchema> {
  id: string;
  name?: string;
  description?: string;
  category: string;
  provider: string;
  owner?: string;
  /** Of each run. Either this or maxPriceCents, which means that the service is metered. */
  priceCents?: number;
  maxPriceCents?: number;
  timeoutMs?: number;
  input: I;
  /** Of a stream: of each of its items. */
  output: O;
  /** What is done when a run is taken back. */
  cancelled?: (runId: string) => void | Promise<void>;
}

export interface Service {
  readonly id: string;
  readonly streams: boolean;
  readonly metered: boolean;
  readonly outputSchema: Record<string, unknown>;
  readonly cancelled: ((runId: string) => void | Promise<void>) | undefined;
  run(value: unknown, call: Call): unknown;
  /** An output, or an item of a stream, as JSON. A TypeError where it is not as the service says it is. */
  answered(output: unknown, item?: boolean): string;
  /** The body of PUT /admin/services/{id}. url: where this process is reached; agent:ID or skill:ID, where an agent offers it. */
  definition(url: string): Record<string, unknown>;
}

/** Makes a function a service. An async generator's items are sent as they come, as one JSON array. */
export function service<I extends AnySchema, O extends AnySchema>(
  options: ServiceOptions<I, O>,
  run: ((input: Infer<I>, call: Call) => Infer<O> | Metered<Infer<O>> | Promise<Infer<O> | Metered<Infer<O>>>) | ((input: Infer<I>, call: Call) => AsyncGenerator<Infer<O>> | Generator<Infer<O>>),
): Service {
  if ((options.priceCents === undefined) === (options.maxPriceCents === undefined)) throw new TypeError("A service has either priceCents or maxPriceCents, which means that it is metered.");
  const streams = ["AsyncGeneratorFunction", "GeneratorFunction"].includes(run.constructor.name);
  const outputSchema = streams ? { type: "array", items: options.output.json } : options.output.json;
  return {
    id: options.id,
    streams,
    metered: options.maxPriceCents !== undefined,
    outputSchema,
    cancelled: options.cancelled,
    run(value, call) {
      const broken = violations(options.input.json, value);
      if (broken.length > 0) throw new Refused("The input is not valid; details lists every violation.", "validation_failed", 422, broken);
      return run(completed(options.input.json, value) as Infer<I>, call);
    },
    answered(output, item = false) {
      const text = JSON.stringify(output ?? null), broken = violations(item ? options.output.json : outputSchema, JSON.parse(text))[0];
      if (broken) throw new TypeError(`${options.id} answers what its type does not allow: ${broken.path} ${broken.message}`);
      return text;
    },
    definition: url => ({
      name: options.name ?? options.id,
      description: options.description ?? "",
      category: options.category,
      provider: options.provider,
      ...(options.owner === undefined ? {} : { owner: options.owner }),
      ...(options.priceCents === undefined ? { max_price_cents: options.maxPriceCents } : { price_cents: options.priceCents }),
      timeout_ms: options.timeoutMs ?? 10_000,
      endpoint: /^(agent|skill):/.test(url) ? url : `${url.replace(/\/+$/, "")}/${options.id}`,
      input_schema: options.input.json,
      output_schema: outputSchema,
    }),
  };
}

// A service's types, said once: the JSON Schema that Agora is given, and the type of the function's argument.
type JsonSchema = Record<string, unknown>;

/** A schema whose values are T. */
export class Schema<T, Optional extends boolean = false> {
  declare readonly value: T;
  constructor(readonly json: JsonSchema, readonly optional: Optional = false as Optional) {}
}

export type Infer<S> = S extends Schema<infer T, boolean> ? T : never;
type Members = Record<string, Schema<unknown, boolean>>;
type Simplify<T> = { [K in keyof T]: T[K] };
type ObjectOf<M extends Members> = Simplify<
  { [K in keyof M as M[K] extends Schema<unknown, true> ? never : K]: Infer<M[K]> } & { [K in keyof M as M[K] extends Schema<unknown, true> ? K : never]?: Infer<M[K]> }
>;
type Said = { description?: string };

export const text = (bounds: Said & { min?: number; max?: number; pattern?: string } = {}) =>
  new Schema<string>({ type: "string", ...said(bounds, "minLength", "maxLength"), ...(bounds.pattern ? { pattern: bounds.pattern } : {}) });
export const integer = (bounds: Said & { min?: number; max?: number } = {}) => new Schema<number>({ type: "integer", ...said(bounds, "minimum", "maximum") });
export const number = (bounds: Said & { min?: number; max?: number } = {}) => new Schema<number>({ type: "number", ...said(bounds, "minimum", "maximum") });
export const flag = (bounds: Said = {}) => new Schema<boolean>({ type: "boolean", ...said(bounds, "", "") });
export const oneOf = <const V extends readonly (string | number)[]>(...values: V) => new Schema<V[number]>({ enum: [...values] });
export const list = <T>(items: Schema<T, boolean>, bounds: Said & { min?: number; max?: number } = {}) => new Schema<T[]>({ type: "array", items: items.json, ...said(bounds, "minItems", "maxItems") });
export const nullable = <T>(of: Schema<T, boolean>) => new Schema<T | null>({ anyOf: [of.json, { type: "null" }] });
/** It may be left out; with a default the function is given that. */
export const optional = <T>(of: Schema<T, boolean>, absent?: T) => new Schema<T, true>(absent === undefined ? of.json : { ...of.json, default: absent }, true);
export const object = <M extends Members>(members: M) => {
  const required = Object.entries(members).filter(([, of]) => !of.optional).map(([name]) => name);
  return new Schema<ObjectOf<M>>({ type: "object", properties: Object.fromEntries(Object.entries(members).map(([name, of]) => [name, of.json])), required, additionalProperties: false });
};

export interface Violation {
  path: string;
  keyword: string;
  message: string;
}

/** What the value breaks, as Agora says it. Of schemas as they are made here. */
export function violations(schema: JsonSchema, value: unknown, path = ""): Violation[] {
  const broken = (keyword: string, message: string): Violation[] => [{ path, keyword, message }];
  if (Array.isArray(schema["anyOf"])) return schema["anyOf"].some(one => violations(one, value, path).length === 0) ? [] : broken("anyOf", "None of the forms that are known here fits.");
  if (Array.isArray(schema["enum"])) return schema["enum"].includes(value) ? [] : broken("enum", `One of ${schema["enum"].join(", ")}.`);
  if (schema["type"] !== undefined && !is(schema["type"] as string, value)) return broken("type", `Wanted is ${schema["type"]}.`);
  if (typeof value === "string") {
    const length = [...value].length;
    const unmatched = typeof schema["pattern"] === "string" && !new RegExp(schema["pattern"], "u").test(value);
    return [...bounds(schema, length, path, "Length", " characters"), ...(unmatched ? broken("pattern", `It does not match ${schema["pattern"]}`) : [])];
  }
  if (typeof value === "number") return bounds(schema, value, path, "imum", "");
  if (Array.isArray(value)) return [...bounds(schema, value.length, path, "Items", " items"), ...value.flatMap((item, at) => violations((schema["items"] ?? {}) as JsonSchema, item, `${path}/${at}`))];
  if (typeof value !== "object" || value === null) return [];
  const known = (schema["properties"] ?? {}) as Record<string, JsonSchema>;
  const missing = ((schema["required"] ?? []) as string[]).filter(name => !Object.hasOwn(value, name)).map(name => ({ path: `${path}/${name}`, keyword: "required", message: "This member is required." }));
  return [...missing, ...Object.entries(value).flatMap(([name, item]) => {
    const at = `${path}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`, of = Object.hasOwn(known, name) ? known[name] : undefined;
    if (of) return violations(of, item, at);
    return schema["additionalProperties"] === false ? [{ path: at, keyword: "additionalProperties", message: `Unknown member; known are ${Object.keys(known).join(", ")}.` }] : [];
  })];
}

/** The value with the defaults of members that were left out. */
export function completed(schema: JsonSchema, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const absent = Object.entries((schema["properties"] ?? {}) as Record<string, JsonSchema>).filter(([name, of]) => "default" in of && !Object.hasOwn(value, name));
  return { ...Object.fromEntries(absent.map(([name, of]) => [name, of["default"]])), ...value };
}

function said(bounds: Said & { min?: number; max?: number }, low: string, high: string): JsonSchema {
  return { ...(bounds.description ? { description: bounds.description } : {}), ...(bounds.min === undefined ? {} : { [low]: bounds.min }), ...(bounds.max === undefined ? {} : { [high]: bounds.max }) };
}

function bounds(schema: JsonSchema, size: number, path: string, suffix: string, what: string): Violation[] {
  const [low, high] = [schema[`min${suffix}`], schema[`max${suffix}`]] as (number | undefined)[];
  return [
    ...(low !== undefined && size < low ? [{ path, keyword: `min${suffix}`, message: `At least ${low}${what}; here is ${size}.` }] : []),
    ...(high !== undefined && size > high ? [{ path, keyword: `max${suffix}`, message: `At most ${high}${what}; here is ${size}.` }] : []),
  ];
}

function is(wanted: string, value: unknown): boolean {
  switch (wanted) {
    case "null": return value === null;
    case "array": return Array.isArray(value);
    case "object": return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer": return Number.isInteger(value);
    default: return typeof value === wanted;
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * OpenTelemetry, as far as it is used here. Whoever provides it, such as Deno
 * with `OTEL_DENO=true`, puts its parts into a global object, which the package
 * `@opentelemetry/api` only reads. So no dependency is needed.
 */

/**
 * A value of an attribute.
 *
 * @category Tracing
 */
export type SpanAttribute = string | number | boolean;

/**
 * What is known where a span begins, the enclosing span above all.
 *
 * @category Tracing
 */
export interface SpanContext {
  /** Returns a value. */
  getValue(key: symbol): unknown;
  /** Returns a context with one more value. */
  setValue(key: symbol, value: unknown): SpanContext;
  /** Returns a context without a value. */
  deleteValue(key: symbol): SpanContext;
}

/**
 * A span, as `Span` of `@opentelemetry/api`.
 *
 * @category Tracing
 */
export interface TaskSpan {
  /** Changes its name. */
  updateName(name: string): unknown;
  /** Adds an event, which happens now. */
  addEvent(name: string, attributes?: Record<string, SpanAttribute>): unknown;
  /** Adds an attribute. */
  setAttribute(key: string, value: SpanAttribute): unknown;
  /** Says how it went: code 2 is an error. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Adds an event about an exception. */
  recordException(
    exception: { name: string; message?: string; stack?: string },
  ): void;
  /** Ends the span now. */
  end(): void;
}

/**
 * What makes spans, as `Tracer` of `@opentelemetry/api`.
 *
 * @category Tracing
 */
export interface TaskTracer {
  /** Begins a span. */
  startSpan(
    name: string,
    options?: { attributes?: Record<string, SpanAttribute> },
    context?: SpanContext,
  ): TaskSpan;
}

/** The global object. Parts that nobody has provided are missing. */
interface Api {
  trace?: { getTracer(name: string, version?: string): TaskTracer };
  context?: {
    active(): SpanContext;
    with<R>(context: SpanContext, fn: () => R): R;
  };
}

const API = /* @__PURE__ */ Symbol.for("opentelemetry.js.api.1");

/** The key of the enclosing span in a context. */
const SPAN = /* @__PURE__ */ Symbol.for("OpenTelemetry Context Key SPAN");

function api(): Api {
  return (globalThis as { [API]?: Api })[API] ?? {};
}

/** A tracer of the host; `null` if telemetry is off. */
export function hostTracer(): TaskTracer | null {
  return api().trace?.getTracer("@asyncio/asyncio") ?? null;
}

/** A context where nobody provides one. */
class PlainContext implements SpanContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): SpanContext {
    return new PlainContext(new Map([...this.#values, [key, value]]));
  }

  deleteValue(key: symbol): SpanContext {
    const values = new Map(this.#values);
    values.delete(key);
    return new PlainContext(values);
  }
}

/** The context of what runs now. */
export function activeContext(): SpanContext {
  return api().context?.active() ?? new PlainContext();
}

/** The active context, in which a span encloses what begins. */
export function contextIn(span: TaskSpan): SpanContext {
  return activeContext().setValue(SPAN, span);
}

/** Whether somebody keeps contexts apart, so that there is an active one. */
export function hasContexts(): boolean {
  return api().context !== undefined;
}

/** Calls a function with another active context. */
export function withContext<R>(context: SpanContext, fn: () => R): R {
  return api().context!.with(context, fn);
}

// Copyright 2026 the asyncio authors. MIT license.

import type { Context } from "../_core/contexts.ts";
import type { InstrumentCore } from "../_core/protocols.ts";
import { activeTask } from "../_core/running.ts";
import { AsyncLocalStorage } from "../_host/context.ts";
import { valueText } from "../_util/repr.ts";
import type { Task } from "../task.ts";
import {
  activeContext,
  contextIn,
  type SpanContext,
  type TaskSpan,
  type TaskTracer,
  withContext,
} from "./open_telemetry.ts";
import { functionName, requesterText } from "./texts.ts";

/** The code of a status that is an error. */
const ERROR = 2;

/** A span that has begun, and whether it is the active one in its task. */
interface Begun {
  readonly span: TaskSpan;
  readonly isActive: boolean;
}

/** Makes a span for each task. An instrument of a loop. */
export class SpanRecorder implements InstrumentCore {
  readonly #tracer: TaskTracer;
  readonly #begun = new Map<unknown, Begun>();
  /** The span of the task that is being created. */
  #next: TaskSpan | null = null;

  /** @param tasks Those that exist already: their spans begin now. */
  constructor(tracer: TaskTracer, tasks: Iterable<Task<unknown>>) {
    this.#tracer = tracer;
    for (const task of tasks) {
      this.#assign(this.#startIn(activeContext()), task, false);
    }
  }

  /**
   * Has `create` make a task that runs with its span as the active one, so that
   * what it calls makes spans inside of it. The host has to manage contexts.
   *
   * @param given The context that the task was to run in.
   */
  create<T>(given: Context | null, create: (context: Context) => T): T {
    const span = this.#start();
    // It is called here, where the context is that of the new task.
    const context: Context = given === null
      ? withContext(contextIn(span), () => AsyncLocalStorage.snapshot())
      : (fn) => given(() => withContext(contextIn(span), fn));
    this.#next = span;
    try {
      return create(context);
    } finally {
      if (this.#next === span) span.end(); // there is no such task
      this.#next = null;
    }
  }

  taskSpawned(task: Task<unknown>): void {
    const prepared = this.#next;
    this.#next = null;
    this.#assign(prepared ?? this.#start(), task, prepared !== null);
  }

  /** Begins a span, in that of the task that runs now. */
  #start(): TaskSpan {
    const parent = this.#begun.get(activeTask());
    return this.#startIn(
      parent === undefined || parent.isActive
        ? activeContext()
        : contextIn(parent.span),
    );
  }

  #startIn(context: SpanContext): TaskSpan {
    return this.#tracer.startSpan("task", {}, context);
  }

  #assign(span: TaskSpan, task: Task<unknown>, isActive: boolean): void {
    span.updateName(functionName(task));
    this.#begun.set(task, { span, isActive });
  }

  cancelRequested(task: Task<unknown>, by: unknown): void {
    const attributes = { "asyncio.cancel.by": requesterText(by) };
    this.#begun.get(task)?.span.addEvent("cancel requested", attributes);
  }

  taskExited(task: Task<unknown>): void {
    const span = this.#begun.get(task)?.span;
    if (span === undefined) return;
    this.#begun.delete(task);
    span.setAttribute("asyncio.task.name", task.getName());
    if (task.cancelled()) {
      span.addEvent("cancelled");
      span.setAttribute("asyncio.task.state", "cancelled");
    } else if (task.$hasFailed()) {
      const error = task.$rawValue;
      const exception = error instanceof Error
        ? error
        : { name: typeof error, message: valueText(error) };
      span.recordException(exception);
      span.setStatus({ code: ERROR, message: exception.message });
      span.setAttribute("asyncio.task.state", "failed");
    } else {
      span.setAttribute("asyncio.task.state", "finished");
    }
    span.end();
  }

  /** Ends the spans of tasks that still run. */
  finish(): void {
    for (const [task, { span }] of this.#begun) {
      span.setAttribute("asyncio.task.name", (task as Task<unknown>).getName());
      span.setAttribute("asyncio.task.state", "pending");
      span.end();
    }
    this.#begun.clear();
  }
}

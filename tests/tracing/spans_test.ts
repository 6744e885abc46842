// Spans: by a tracer that writes down what it is told, and by that of Deno.

import {
  inKind,
  inVirtualTime,
  type Kind,
  runVirtually,
  type Script,
  testKinds,
} from "../_helpers.ts";
import { AsyncLocalStorage } from "node:async_hooks";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Tracer } from "@opentelemetry/api";
import {
  createTask,
  eagerTaskFactory,
  EventLoop,
  getRunningLoop,
  run,
  sleep,
  taskGroup,
  timeout,
} from "@asyncio/asyncio";
import {
  type SpanContext,
  type TaskSpan,
  type TaskTracer,
  traceTasks,
  type TraceTasksOptions,
} from "@asyncio/asyncio/tracing";

/** The key by which `@opentelemetry/api` keeps the span in a context. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/** A span that writes down what it is told. */
class FakeSpan implements TaskSpan {
  events: string[] = [];
  attributes: Record<string, unknown> = {};
  status: { code: number; message?: string } | null = null;
  exceptions: unknown[] = [];
  ended = 0;

  constructor(public name: string, readonly parent: FakeSpan | null) {}

  updateName(name: string): void {
    this.name = name;
  }
  addEvent(name: string, attributes: Record<string, unknown> = {}): void {
    this.events.push([name, ...Object.values(attributes)].join(": "));
  }
  setAttribute(key: string, value: unknown): void {
    this.attributes[key] = value;
  }
  setStatus(status: { code: number; message?: string }): void {
    this.status = status;
  }
  recordException(exception: unknown): void {
    this.exceptions.push(exception);
  }
  end(): void {
    this.ended++;
  }

  get state(): unknown {
    return this.attributes["asyncio.task.state"];
  }

  get path(): string {
    return this.parent === null
      ? this.name
      : `${this.parent.path} > ${this.name}`;
  }
}

class FakeTracer implements TaskTracer {
  spans: FakeSpan[] = [];

  startSpan(name: string, _options?: object, context?: SpanContext): FakeSpan {
    const parent = context?.getValue(SPAN) as FakeSpan | undefined;
    const span = new FakeSpan(name, parent ?? null);
    this.spans.push(span);
    return span;
  }

  get paths(): string[] {
    return this.spans.map(({ path }) => path);
  }

  named(name: string): FakeSpan {
    const span = this.spans.find((span) => span.name === name);
    assert(span !== undefined, `no span ${name}`);
    return span;
  }
}

const API = Symbol.for("opentelemetry.js.api.1");

/** A context, as `@opentelemetry/api` has it. */
class FakeContext implements SpanContext {
  #values: Map<symbol, unknown>;
  constructor(values: Iterable<[symbol, unknown]> = []) {
    this.#values = new Map(values);
  }
  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }
  setValue(key: symbol, value: unknown): FakeContext {
    return new FakeContext([...this.#values, [key, value]]);
  }
  deleteValue(key: symbol): FakeContext {
    return new FakeContext(
      [...this.#values].filter(([other]) => other !== key),
    );
  }
}

/** Provides a manager of contexts, as Deno does when telemetry is on. */
function provideContexts(): Disposable {
  const storage = new AsyncLocalStorage<FakeContext>();
  const root = new FakeContext();
  const context = {
    active: () => storage.getStore() ?? root,
    with: <R>(context: FakeContext, fn: () => R) => storage.run(context, fn),
  };
  Object.assign(globalThis, { [API]: { context } });
  return { [Symbol.dispose]: () => Reflect.deleteProperty(globalThis, API) };
}

/**
 * Traces a script that is the main coroutine, from before it begins: without
 * and with somebody who manages contexts, which makes no difference for tasks.
 */
async function traced(
  kind: Kind,
  script: () => Script<unknown>,
): Promise<FakeTracer> {
  const plain = await tracedOnce(kind, script);
  using _contexts = provideContexts();
  const managed = await tracedOnce(kind, script);
  assertEquals(managed.paths, plain.paths);
  return managed;
}

async function tracedOnce(
  kind: Kind,
  script: () => Script<unknown>,
): Promise<FakeTracer> {
  const tracer = new FakeTracer();
  await runVirtually(inKind(kind, script)(), {
    prepare: (loop) => void traceTasks({ loop, tracer }),
  });
  for (const { ended, name } of tracer.spans) assertEquals(ended, 1, name);
  return tracer;
}

testKinds(
  "a span has the name of the function of its task, and the task's name",
  async (kind) => {
    const tracer = await traced(kind, function* main() {
      yield createTask(inKind(kind, function* fetchPage() {})(), {
        name: "page",
      });
    });
    assertEquals(tracer.paths, ["main", "main > fetchPage"]);
    assertEquals(tracer.named("fetchPage").attributes, {
      "asyncio.task.name": "page",
      "asyncio.task.state": "finished",
    });
    assertEquals(tracer.named("fetchPage").status, null);
  },
);

testKinds(
  "a span is inside that of the task that has created it",
  async (kind) => {
    const tracer = await traced(kind, function* main() {
      const leaf = inKind(kind, function* leaf() {
        yield sleep(0);
      });
      const branch = inKind(kind, function* branch() {
        yield sleep(0);
        yield taskGroup((group) => {
          group.createTask(leaf());
          return group.createTask(leaf());
        });
      });
      const first = createTask(branch());
      const second = createTask(branch());
      yield first;
      yield second;
    });
    const children = ["main > branch > leaf", "main > branch > leaf"];
    assertEquals(tracer.paths, [
      "main",
      "main > branch",
      "main > branch",
      ...children,
      ...children,
    ]);
    const parents = new Set(tracer.spans.slice(3).map(({ parent }) => parent));
    assertEquals(parents.size, 2);
  },
);

testKinds(
  "a failed task has the status of an error, and the exception",
  async (kind) => {
    const error = new RangeError("too far");
    const tracer = await traced(kind, function* main() {
      const fail = inKind(kind, function* fail() {
        throw error;
      });
      try {
        yield createTask(fail());
      } catch {
        // That is expected.
      }
    });
    const span = tracer.named("fail");
    assertEquals(span.status, { code: 2, message: "too far" });
    assert(span.exceptions[0] === error);
    assertEquals(span.state, "failed");
  },
);

testKinds("an exception that is no Error is told by its text", async (kind) => {
  const tracer = await traced(kind, function* main() {
    const fail = inKind(kind, function* fail() {
      throw "a string";
    });
    try {
      yield createTask(fail());
    } catch {
      // That is expected.
    }
  });
  const span = tracer.named("fail");
  assertEquals(span.status?.code, 2);
  assertEquals(span.exceptions, [{ name: "string", message: "'a string'" }]);
});

Deno.test("tracing a failure does not count as looking at it", async () => {
  const tracer = new FakeTracer();
  const { contexts } = await runVirtually(async () => {
    createTask(async function fail() {
      throw new Error("nobody looks");
    });
    await sleep(0.01);
  }, { prepare: (loop) => void traceTasks({ loop, tracer }) });
  assertEquals(contexts.map(({ message }) => message), [
    "Task exception was never retrieved",
  ]);
});

testKinds(
  "a cancelled task has the events of it, with who asked for it",
  async (kind) => {
    const tracer = await traced(kind, function* main() {
      const job = inKind(kind, function* job() {
        yield sleep(60);
      });
      const task = createTask(job());
      yield sleep(0);
      task.cancel();
      yield sleep(0);
    });
    const span = tracer.named("job");
    assertEquals(
      span.events,
      ["cancel requested: Task 'Task-1'", "cancelled"]
        .map((text) => text.replace("Task-1", mainName(tracer))),
    );
    assertEquals(span.state, "cancelled");
    assertEquals(span.status, null);
  },
);

function mainName(tracer: FakeTracer): string {
  return String(tracer.named("main").attributes["asyncio.task.name"]);
}

testKinds("a timeout is an event of its task, which goes on", async (kind) => {
  const tracer = await traced(kind, function* main() {
    try {
      yield timeout(
        0.01,
        inKind(kind, function* () {
          yield sleep(60);
        }).body,
      );
    } catch {
      // That is expected.
    }
  });
  const { events, state } = tracer.named("main");
  assertEquals(events.length, 1);
  assert(events[0].startsWith("cancel requested: <Timeout"), events[0]);
  assertEquals(state, "finished");
});

testKinds(
  "a task that was there before has a span from then on",
  async (kind) => {
    const tracer = new FakeTracer();
    await inVirtualTime(inKind(kind, function* main() {
      const before = createTask(
        inKind(kind, function* before() {
          yield sleep(0.01);
        })(),
      );
      yield sleep(0);
      traceTasks({ tracer });
      yield createTask(inKind(kind, function* after() {})());
      yield before;
    }));
    assertEquals(tracer.paths, ["main", "before", "main > after"]);
    assertEquals(tracer.named("before").ended, 1);
  },
);

testKinds(
  "stop() ends the spans of tasks that still run, and makes no more",
  async (kind) => {
    using _contexts = provideContexts();
    const tracer = new FakeTracer();
    await inVirtualTime(inKind(kind, function* main() {
      const tracing = traceTasks({ tracer });
      assert(tracing.isActive);
      const job = inKind(kind, function* job() {
        yield sleep(0.01);
      });
      const task = createTask(job());
      yield sleep(0);
      tracing.stop();
      tracing.stop();
      assertEquals(tracer.named("job").state, "pending");
      yield createTask(job());
      yield task;
    }));
    assertEquals(tracer.spans.map(({ ended }) => ended), [1, 1]);
    assertEquals(tracer.spans.length, 2);
  },
);

Deno.test("using stops the tracing", async () => {
  using _contexts = provideContexts();
  const tracer = new FakeTracer();
  await inVirtualTime(async () => {
    {
      using _tracing = traceTasks({ tracer });
    }
    await createTask(() => sleep(0));
    assertEquals(getRunningLoop().getTaskFactory(), null);
  });
  assertEquals(tracer.spans.length, 1);
});

testKinds(
  "the task factory that was set before makes the tasks",
  async (kind) => {
    using _contexts = provideContexts();
    const tracer = new FakeTracer();
    const order: string[] = [];
    await runVirtually(
      inKind(kind, function* main() {
        const job = inKind(kind, function* job() {
          order.push("job");
          yield sleep(0);
        });
        const task = createTask(job());
        order.push("main");
        yield task;
      })(),
      {
        prepare: (loop) => {
          loop.setTaskFactory(eagerTaskFactory);
          traceTasks({ loop, tracer });
        },
      },
    );
    assertEquals(tracer.paths, ["main", "main > job"]);
    if (kind === "generator") assertEquals(order, ["job", "main"]);
  },
);

Deno.test("a factory that is set on top stays when the tracing stops", async () => {
  using _contexts = provideContexts();
  const tracer = new FakeTracer();
  await inVirtualTime(async () => {
    const loop = getRunningLoop();
    const tracing = traceTasks({ tracer });
    const below = loop.getTaskFactory()!;
    const made: unknown[] = [];
    loop.setTaskFactory((loop, coro, options) => {
      const task = below(loop, coro, options);
      made.push(task);
      return task;
    });
    tracing.stop();
    await createTask(() => sleep(0));
    assertEquals(made.length, 1);
    assertEquals(tracer.spans.length, 1);
  });
});

testKinds("a task runs with its span as the active one", async (kind) => {
  using _contexts = provideContexts();
  const tracer = new FakeTracer();
  const user = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const { active } = (globalThis as unknown as {
    [API]: { context: { active(): FakeContext } };
  })[API].context;
  const look = () =>
    seen.push([user.getStore(), (active().getValue(SPAN) as FakeSpan)?.path]);
  const context = user.run("given", () => AsyncLocalStorage.snapshot());
  await runVirtually(
    inKind(kind, function* main() {
      const job = inKind(kind, function* job() {
        look();
        yield sleep(0);
        look();
      });
      const task = user.run("created", () => createTask(job()));
      const other = createTask(job(), { context });
      yield task;
      yield other;
      look();
    })(),
    { prepare: (loop) => void traceTasks({ loop, tracer }) },
  );
  assertEquals(seen, [
    ["created", "main > job"],
    ["given", "main > job"],
    ["created", "main > job"],
    ["given", "main > job"],
    [undefined, "main"],
  ]);
});

testKinds("a coroutine that is refused leaves no span open", async (kind) => {
  using _contexts = provideContexts();
  const tracer = await tracedOnce(kind, function* main() {
    assertThrows(() => createTask(1 as never), TypeError);
    yield sleep(0);
  });
  assertEquals(tracer.spans.map(({ ended }) => ended), [1, 1]);
});

testKinds("tracing changes neither order nor time", async (kind) => {
  using _contexts = provideContexts();
  async function program(traces: boolean): Promise<[string[], number]> {
    const log: string[] = [];
    const { elapsed } = await runVirtually(
      inKind(kind, function* main() {
        if (traces) traceTasks({ tracer: new FakeTracer() });
        const job = inKind(kind, function* job(name: string) {
          for (let i = 0; i < 3; i++) {
            log.push(`${name}${i}`);
            yield sleep(i === 1 ? 0.01 : 0);
          }
        });
        const tasks = ["a", "b", "c"].map((name) => createTask(job(name)));
        for (const task of tasks) yield task;
      })(),
    );
    return [log, elapsed];
  }
  assertEquals(await program(true), await program(false));
});

Deno.test("without telemetry traceTasks() does nothing", async () => {
  await run(async () => {
    using tracing = traceTasks();
    assertEquals(tracing.isActive, false);
    assertEquals(getRunningLoop().getTaskFactory(), null);
    await createTask(() => sleep(0));
    tracing.stop();
  });
});

Deno.test("traceTasks() takes a Tracer of @opentelemetry/api", () => {
  // Checked by the compiler alone.
  const _trace = (tracer: Tracer) => traceTasks({ tracer });
});

Deno.test("traceTasks() refuses what it cannot use", () => {
  const closed = new EventLoop();
  closed.close();
  const tracer = new FakeTracer();
  const cases: [unknown, string][] = [
    [undefined, "no running event loop"],
    [{ tracer }, "no running event loop"],
    [{ tracer, loop: closed }, "Event loop is closed"],
    [{ tracer, loop: 1 }, "Cannot use as loop"],
    [{ tracer: 1 }, "Cannot use as tracer what has no startSpan()"],
    [{ tracer: {} }, "Cannot use as tracer what has no startSpan()"],
    [{ traces: tracer }, "tracer"],
  ];
  for (const [options, message] of cases) {
    assertThrows(
      () => traceTasks(options as TraceTasksOptions),
      Error,
      message,
    );
  }
});

// ------------------------------------------------------- the tracer of Deno

const { state } = Deno.permissions.querySync({ name: "run" });

interface OtlpSpan {
  spanId: string;
  parentSpanId?: string;
  name: string;
  status?: { code?: number; message?: string };
  events?: { name: string }[];
}

/** Runs a program with OTEL_DENO=true; returns the spans that Deno exports. */
async function exported(program: string): Promise<OtlpSpan[]> {
  const spans: OtlpSpan[] = [];
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    async (request) => {
      const body = await request.json();
      for (const { scopeSpans } of body.resourceSpans ?? []) {
        for (const { spans: some } of scopeSpans) spans.push(...some);
      }
      return Response.json({});
    },
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", "--allow-net=127.0.0.1", "-"],
    env: {
      NO_COLOR: "1",
      OTEL_DENO: "true",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${server.addr.port}`,
    },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  const root = new URL("../../", import.meta.url);
  await writer.write(new TextEncoder().encode(`
    import { createTask, run, sleep, taskGroup } from "${root}mod.ts";
    import { traceTasks } from "${root}tracing.ts";
    const api = globalThis[Symbol.for("opentelemetry.js.api.1")];
    const tracer = api.trace.getTracer("mine");
    ${program}`));
  await writer.close();
  const { success, stderr } = await child.output();
  assert(success, new TextDecoder().decode(stderr));
  return spans;
}

/** The names of a span and of all around it. */
function pathOf(span: OtlpSpan, spans: OtlpSpan[]): string {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return parent === undefined
    ? span.name
    : `${pathOf(parent, spans)} > ${span.name}`;
}

Deno.test({
  name:
    "Deno exports a span for each task, with requests and spans inside of it",
  ignore: state !== "granted" ||
    Deno.permissions.querySync({ name: "net", host: "127.0.0.1" }).state !==
      "granted",
  async fn() {
    const spans = await exported(`
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response());
      const { port } = server.addr;
      await run(async function main() {
        using tracing = traceTasks();
        await taskGroup(async (group) => {
          group.createTask(async function download() {
            await sleep(0);
            await (await fetch("http://127.0.0.1:" + port)).text();
          });
          group.createTask(async function outer() {
            tracer.startActiveSpan("mine", (span) => {
              group.createTask(function* inner() {
                yield* sleep(0);
                tracer.startSpan("innermost").end();
                yield* sleep(0);
              });
              span.end();
            });
          });
          group.createTask(function* fail() {
            throw new RangeError("too far");
          });
        }).catch(() => {});
        const task = createTask(async function slow() { await sleep(60); });
        await sleep(0);
        task.cancel();
        await sleep(0);
      });
      await server.shutdown();
    `);
    const paths = new Set(spans.map((span) => pathOf(span, spans)));
    for (
      const path of [
        "main",
        "main > download",
        "main > outer > mine",
        "main > outer > mine > inner",
        "main > fail",
        "main > slow",
      ]
    ) assert(paths.has(path), `${path} is not in ${[...paths].join(", ")}`);
    const named = (name: string) => spans.find((span) => span.name === name)!;
    assertEquals(named("fail").status, { code: 2, message: "too far" });
    assertEquals(named("slow").events?.map(({ name }) => name), [
      "cancel requested",
      "cancelled",
    ]);
  },
});

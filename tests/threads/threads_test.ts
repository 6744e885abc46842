// Calls into a loop from another thread. Tests of states and messages use a
// real MessageChannel with both ends in this thread. Tests of threads use
// Workers, which need --allow-read for their modules.

import {
  assert,
  assertEquals,
  assertFalse,
  assertInstanceOf,
  assertNotStrictEquals,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  allTasks,
  BrokenBarrierError,
  CancelledError,
  connectLoop,
  coroutine,
  createTask,
  EventLoop,
  type ExceptionContext,
  exposeLoop,
  gather,
  getRunningLoop,
  InvalidStateError,
  KeyboardInterrupt,
  newEventLoop,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  type RemoteLoop,
  run,
  runCoroutineThreadsafe,
  sleep,
  type ThreadsafeFuture,
  timeout,
  TimeoutError,
  withTransfer,
  wrapFuture,
} from "@asyncio/asyncio";
import type * as caller from "../fixtures/loop_caller.ts";
import type * as owner from "../fixtures/loop_owner.ts";

const TAG = "@asyncio/asyncio";

/** Both ends of a channel. Disposing of it closes them. */
class Channel implements Disposable {
  readonly #channel = new MessageChannel();
  /** The end of the loop. */
  readonly near = this.#channel.port1;
  /** The end of the caller. */
  readonly far = this.#channel.port2;

  /** Waits until everything that was posted has arrived and taken effect. */
  async settled(): Promise<void> {
    // There and back, three times: a call, its answer, and their effects.
    for (let i = 0; i < 3; i++) {
      await crossed(this.far, this.near);
      await crossed(this.near, this.far);
    }
  }

  [Symbol.dispose](): void {
    this.near.close();
    this.far.close();
  }
}

/** Waits until what was posted before has arrived at the other end. */
function crossed(from: MessagePort, to: MessagePort): Promise<void> {
  const mark = crypto.randomUUID();
  return new Promise((resolve) => {
    to.addEventListener("message", function listener({ data }) {
      if (data !== mark) return;
      to.removeEventListener("message", listener);
      resolve();
    });
    to.start();
    from.postMessage(mark);
  });
}

const loopFactory = (contexts: ExceptionContext[]) => () => {
  const loop = new EventLoop();
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  return loop;
};

/** Runs in a loop of its own. Fails if an error is reported to that loop. */
async function inLoop(main: () => Promise<void>): Promise<void> {
  const contexts: ExceptionContext[] = [];
  await run(main, { loopFactory: loopFactory(contexts) });
  assertEquals(contexts, []);
}

/** Waits without a task of any loop, for tests that need several loops. */
const outcome = (call: PromiseLike<unknown>) =>
  Promise.resolve(call).then((value) => ({ value }), (error) => ({ error }));

const functions = {
  add: coroutine(async function add(a: number, b: number) {
    await sleep(0);
    return a + b;
  }),
  nap: coroutine(async function nap() {
    await sleep(Infinity);
  }),
};

const connect = (port: EventTarget) => connectLoop<typeof functions>(port);

/** Exposes a loop on one end of a channel, and connects to it at the other. */
async function connected(
  body: (
    remote: RemoteLoop<typeof functions>,
    channel: Channel,
  ) => Promise<void>,
): Promise<void> {
  await inLoop(async () => {
    using channel = new Channel();
    using _ = exposeLoop(getRunningLoop(), channel.near, functions);
    using remote = connect(channel.far);
    await body(remote, channel);
  });
}

// Results

Deno.test("a call returns the result of coroutine, async and generator functions", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const all = {
      add: functions.add,
      async plain(a: number, b: number) {
        await sleep(0);
        return a + b;
      },
      *generator(a: number, b: number) {
        return yield* functions.add(a, b);
      },
      arrow: (a: number, b: number) => functions.add(a, b),
    };
    using _ = exposeLoop(getRunningLoop(), channel.near, all);
    using remote = connectLoop<typeof all>(channel.far);
    const names = ["add", "plain", "generator", "arrow"] as const;
    const sums: number[] = await gather(names.map((name) => {
      const call = remote.coroutine(name, 1, 2);
      return runCoroutineThreadsafe(call, remote);
    }));
    assertEquals(sums, [3, 3, 3, 3]);
  });
});

Deno.test("remote.coroutine() describes a call without making it", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const seen: number[] = [];
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async note(n: number) {
        seen.push(n);
      },
    });
    using remote = connectLoop(channel.far);
    const call = remote.coroutine("note", 1);
    assertEquals(String(call), "<remote coroutine note>");
    await wrapFuture(channel.settled());
    assertEquals(seen, []);
    // Each submission is a call of its own.
    await wrapFuture(runCoroutineThreadsafe(call, remote));
    await wrapFuture(runCoroutineThreadsafe(call, remote));
    assertEquals(seen, [1, 1]);
  });
});

Deno.test("arguments and results are cloned", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    let received: unknown;
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async echo(value: unknown) {
        received = value;
        return value;
      },
    });
    using remote = connectLoop(channel.far);
    const value = { map: new Map([[1, new Date(0)]]), big: 1n };
    const call = remote.coroutine("echo", value);
    const result = await wrapFuture(runCoroutineThreadsafe(call, remote));
    assertEquals(result, value);
    assertEquals(received, value);
    assertNotStrictEquals(received, value);
    assertNotStrictEquals(result, received);
  });
});

Deno.test("calls submitted before the loop is exposed are made then, in order, with the arguments as submitted", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using remote = connectLoop(channel.far);
    const list = [0];
    const calls = [0, 1, 2].map((n) => {
      list[0] = n;
      return runCoroutineThreadsafe(remote.coroutine("note", list), remote);
    });
    list[0] = 9;
    await wrapFuture(channel.settled());
    assertEquals(calls.map((call) => call.done()), [false, false, false]);
    const seen: unknown[] = [];
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async note(list: number[]) {
        seen.push(list[0]);
      },
    });
    await gather(calls);
    assertEquals(seen, [0, 1, 2]);
  });
});

Deno.test("{ transfer } and withTransfer() move what is sent", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using remote = connectLoop(channel.far);
    const sizes = async (...list: Uint8Array[]) =>
      list.map((bytes) => bytes.byteLength);
    const moved = () => {
      const bytes = new Uint8Array(4);
      return withTransfer(bytes, { transfer: [bytes.buffer] });
    };
    let given: Uint8Array<ArrayBuffer> | undefined;
    const expose = () =>
      exposeLoop(getRunningLoop(), channel.near, {
        sizes,
        give: async () => given = moved(),
      });
    const send = () => {
      const [a, b] = [new Uint8Array(3), moved()];
      const call = runCoroutineThreadsafe(
        remote.coroutine("sizes", a, b),
        remote,
        { transfer: [a.buffer] },
      );
      assertEquals([a.byteLength, b.byteLength], [0, 0]);
      return call;
    };
    const early = send(); // kept until the loop is exposed
    using _ = expose();
    assertEquals(await wrapFuture(early), [3, 4]);
    assertEquals(await wrapFuture(send()), [3, 4]);
    const call = runCoroutineThreadsafe(remote.coroutine("give"), remote);
    assertEquals(await wrapFuture(call), new Uint8Array(4));
    assertEquals(given!.byteLength, 0);
  });
});

// Errors

const ERRORS = [
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
  BrokenBarrierError,
  InvalidStateError,
  KeyboardInterrupt,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
  Deno.errors.NotFound,
];

/** The value that arrives when a function throws `thrown`. */
async function thrownBy(thrown: unknown): Promise<unknown> {
  let arrived: unknown;
  await inLoop(async () => {
    using channel = new Channel();
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async fail() {
        await sleep(0);
        throw thrown;
      },
    });
    using remote = connectLoop(channel.far);
    const call = runCoroutineThreadsafe(remote.coroutine("fail"), remote);
    arrived = (await wrapFuture(outcome(call)) as { error: unknown }).error;
  });
  return arrived;
}

Deno.test("errors arrive with class, name, message, stack, cause and code", async () => {
  for (const ErrorClass of ERRORS) {
    const error = new ErrorClass("no luck", { cause: [1] });
    Object.assign(error, { code: "ELUCK" });
    const arrived = await thrownBy(error);
    assertInstanceOf(arrived, ErrorClass);
    assertStrictEquals(arrived.constructor, ErrorClass);
    assertNotStrictEquals(arrived, error);
    assertEquals(arrived.name, error.name);
    assertEquals(arrived.message, "no luck");
    assertEquals(arrived.stack, error.stack);
    assertEquals(arrived.cause, [1]);
    assertEquals((arrived as { code?: string }).code, "ELUCK");
  }
});

Deno.test("a DOMException arrives with its name", async () => {
  const arrived = await thrownBy(new DOMException("too late", "AbortError"));
  assertInstanceOf(arrived, DOMException);
  assertEquals([arrived.name, arrived.message], ["AbortError", "too late"]);
});

Deno.test("an error of an unknown class arrives as the nearest known class, with its own name", async () => {
  class TooFar extends RangeError {
    override name = "TooFar";
  }
  class MuchTooFar extends TooFar {}
  const arrived = await thrownBy(new MuchTooFar("100 km"));
  assertInstanceOf(arrived, RangeError);
  assertEquals([arrived.name, arrived.message], ["TooFar", "100 km"]);
});

Deno.test("an AggregateError arrives with its errors, nested ones included", async () => {
  const arrived = await thrownBy(
    new AggregateError([
      new QueueFull("full"),
      new AggregateError([new CancelledError("enough"), 42], "inner"),
    ], "outer"),
  );
  assertInstanceOf(arrived, AggregateError);
  const [full, inner] = arrived.errors;
  assertInstanceOf(full, QueueFull);
  assertInstanceOf(inner, AggregateError);
  assertInstanceOf(inner.errors[0], CancelledError);
  assertEquals(inner.errors[0].message, "enough");
  assertEquals(inner.errors[1], 42);
});

Deno.test("an error that is the cause of its cause arrives as such", async () => {
  const error = new Error("round");
  error.cause = new Error("about", { cause: error });
  const arrived = await thrownBy(error) as Error;
  assertStrictEquals((arrived.cause as Error).cause, arrived);
});

Deno.test("a thrown value that is not an error arrives unchanged, or as text if it cannot be cloned", async () => {
  assertEquals(await thrownBy("no luck"), "no luck");
  assertEquals(await thrownBy({ code: 1 }), { code: 1 });
  assertEquals(await thrownBy(undefined), undefined);
  assertEquals(await thrownBy(function luck() {}), "[Function: luck]");
});

Deno.test("an error that cannot be read still ends the call", async () => {
  const error = new Error("no luck");
  Object.defineProperty(error, "message", {
    get() {
      throw new Error("go away");
    },
  });
  assertInstanceOf(await thrownBy(error), Error);
  let chain: unknown;
  for (let i = 0; i < 100_000; i++) chain = new Error("deep", { cause: chain });
  const arrived = await thrownBy(chain);
  assertInstanceOf(arrived, Error);
  assertInstanceOf(arrived.cause, Error);
});

// Refusals

Deno.test("only exposed functions can be called", async () => {
  await connected(async (remote) => {
    const names = [
      "subtract",
      "",
      "constructor",
      "__proto__",
      "toString",
      "hasOwnProperty",
      "valueOf",
    ];
    for (const name of names) {
      const call = remote.coroutine(name as "nap");
      const error = await assertRejects(
        async () => {
          await wrapFuture(runCoroutineThreadsafe(call, remote));
        },
        TypeError,
        "Cannot call what is not exposed",
      );
      assertStringIncludes(error.message, `'${name}'`);
    }
    const call = remote.coroutine("add", 1, 2);
    assertEquals(await wrapFuture(runCoroutineThreadsafe(call, remote)), 3);
  });
});

Deno.test("later changes of the object of functions have no effect", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const object: Record<string, () => Promise<string>> = {
      a: async () => "a",
    };
    using _ = exposeLoop(getRunningLoop(), channel.near, object);
    object.a = async () => "changed";
    object.b = async () => "b";
    using remote = connectLoop(channel.far);
    const call = (name: string) =>
      wrapFuture(runCoroutineThreadsafe(remote.coroutine(name), remote));
    assertEquals(await call("a"), "a");
    await assertRejects(async () => void await call("b"), TypeError);
  });
});

Deno.test("malformed messages are refused, and the loop continues", async () => {
  await connected(async (remote, channel) => {
    const answers: unknown[] = [];
    channel.far.addEventListener("message", ({ data }) => {
      if (data?.[TAG]?.about === "answer") answers.push(data[TAG].id);
    });
    const about = "call";
    const malformed: unknown[] = [
      null,
      42,
      "call",
      [],
      {},
      { about },
      { about, id: "1", name: "add", args: [] },
      { about, id: 1.5, name: "add", args: [] },
      { about, id: NaN, name: "add", args: [] },
      { about, id: -1, args: [] },
      { about, id: -2, name: ["add"], args: [] },
      { about, id: -3, name: "add" },
      { about, id: -4, name: "add", args: { length: 2 } },
      { about: "cancel" },
      { about: "cancel", id: -9 },
      { about: "cancel", id: {} },
      { about: "answer", id: 1 },
      { about: "gone" },
      { about: "nonsense" },
      { about: { about } },
    ];
    for (const message of malformed) {
      channel.far.postMessage({ [TAG]: message });
    }
    for (const foreign of [null, 1, "text", [TAG], { about }]) {
      channel.far.postMessage(foreign);
    }
    await wrapFuture(channel.settled());
    assertEquals(answers, [-1, -2, -3, -4]); // these have a number to answer to
    const call = remote.coroutine("add", 1, 2);
    assertEquals(await wrapFuture(runCoroutineThreadsafe(call, remote)), 3);
    assertEquals(allTasks().size, 1);
  });
});

Deno.test("malformed answers fail the call, or are ignored", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using remote = connect(channel.far);
    const post = (message: unknown) =>
      channel.near.postMessage({ [TAG]: message });
    const ids: number[] = [];
    channel.near.addEventListener("message", ({ data }) => {
      if (data?.[TAG]?.about === "call") ids.push(data[TAG].id);
    });
    post({ about: "ready" });
    await wrapFuture(channel.settled());
    const outcomes = [
      undefined,
      null,
      42,
      { ok: "yes" },
      { ok: false },
      { ok: false, thrown: null },
      { ok: false, thrown: { error: null } },
      { ok: false, thrown: { error: { class: "asyncio.QueueFull" } } },
    ];
    for (const wrong of outcomes) {
      const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
      await wrapFuture(channel.settled());
      const id = ids.pop();
      post({ about: "answer", id: "1", outcome: { ok: true } });
      post({ about: "answer", id: -1, outcome: { ok: true } });
      post({ about: "answer", id, outcome: wrong });
      post({ about: "answer", id, outcome: { ok: true, value: "again" } });
      const end = await wrapFuture(outcome(call)) as { error: Error };
      assertStringIncludes(end.error.message, "that cannot be read");
    }
  });
});

Deno.test("a call with the number of a call in flight is ignored", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const gate = getRunningLoop().createFuture<void>();
    let made = 0;
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async count() {
        made++;
        await gate;
        return made;
      },
    });
    const answers: unknown[] = [];
    channel.far.addEventListener("message", ({ data }) => {
      if (data?.[TAG]?.about === "answer") answers.push(data[TAG].outcome);
    });
    channel.far.start();
    const call = { about: "call", id: 7, name: "count", args: [] };
    for (let i = 0; i < 3; i++) channel.far.postMessage({ [TAG]: call });
    await wrapFuture(channel.settled());
    gate.setResult();
    await wrapFuture(channel.settled());
    assertEquals(answers, [{ ok: true, value: 1 }]);
  });
});

Deno.test("arguments that cannot be cloned throw a DataCloneError at the caller", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using remote = connect(channel.far);
    const submit = (options?: { transfer: Transferable[] }) => {
      const wrong = (() => {}) as unknown as number;
      const call = remote.coroutine("add", 1, options ? 2 : wrong);
      runCoroutineThreadsafe(call, remote, options);
    };
    const twice = new ArrayBuffer(1);
    structuredClone(twice, { transfer: [twice] });
    const refused = () => {
      for (const options of [undefined, { transfer: [twice] }]) {
        const error = assertThrows(
          () => submit(options),
          DOMException,
          "Cannot send the arguments of add() to another thread",
        );
        assertEquals(error.name, "DataCloneError");
      }
    };
    refused();
    using _ = exposeLoop(getRunningLoop(), channel.near, functions);
    await wrapFuture(channel.settled());
    refused();
    assertEquals(String(remote), "<RemoteLoop open calls=0>");
  });
});

Deno.test("a result that cannot be cloned throws a DataCloneError at the caller", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      give: async () => () => {},
    });
    using remote = connectLoop(channel.far);
    const error = await assertRejects(
      async () => {
        const call = remote.coroutine("give");
        await wrapFuture(runCoroutineThreadsafe(call, remote));
      },
      DOMException,
      "Cannot send the result of give()",
    );
    assertEquals(error.name, "DataCloneError");
  });
});

Deno.test("calls beyond maxCalls are answered with QueueFull, and those in flight continue", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const gate = getRunningLoop().createFuture<string>();
    const wait = async () => await gate;
    const loop = getRunningLoop();
    using _ = exposeLoop(loop, channel.near, { wait }, { maxCalls: 3 });
    using remote = connectLoop(channel.far);
    const submit = () =>
      runCoroutineThreadsafe(remote.coroutine("wait"), remote);
    const calls = Array.from({ length: 100 }, submit);
    await wrapFuture(channel.settled());
    assertEquals(calls.filter((call) => !call.done()).length, 3);
    assertEquals(allTasks().size, 4);
    await assertRejects(
      async () => void await wrapFuture(calls[99]),
      QueueFull,
      "maxCalls is 3",
    );
    gate.setResult("open");
    assertEquals(await gather(calls.slice(0, 3)), ["open", "open", "open"]);
    assertEquals(await wrapFuture(submit()), "open");
  });
});

Deno.test("at most 10,000 calls are in flight by default", async () => {
  await connected(async (remote, channel) => {
    const calls = Array.from(
      { length: 10_100 },
      () => runCoroutineThreadsafe(remote.coroutine("nap"), remote),
    );
    await wrapFuture(channel.settled());
    assertEquals(allTasks().size, 10_001);
    for (const call of calls.slice(10_000)) {
      const end = await wrapFuture(outcome(call)) as { error: unknown };
      assertInstanceOf(end.error, QueueFull);
    }
    assertEquals(calls.slice(0, 10_000).filter((call) => call.done()), []);
  });
});

Deno.test("bad arguments are refused at the call", async () => {
  const loop = newEventLoop();
  using channel = new Channel();
  const closed = newEventLoop();
  closed.close();
  const port = channel.near;
  type Expose = Parameters<typeof exposeLoop>;
  const cases: [unknown[], new () => Error, string][] = [
    [[null, port, {}], TypeError, "what is not a loop"],
    [[{}, port, {}], TypeError, "what is not a loop"],
    [[closed, port, {}], Error, "Event loop is closed"],
    [[loop, null, {}], TypeError, "as a port"],
    [[loop, {}, {}], TypeError, "as a port"],
    [[loop, new EventTarget(), {}], TypeError, "as a port"],
    [[loop, port, null], TypeError, "an object of functions"],
    [[loop, port, { a: 1 }], TypeError, "Cannot expose 'a'"],
    [[loop, port, {}, { maxCalls: 0 }], RangeError, "maxCalls must be >= 1"],
    [[loop, port, {}, { maxCalls: NaN }], TypeError, "maxCalls"],
  ];
  for (const [args, error, message] of cases) {
    assertThrows(() => exposeLoop(...args as Expose), error, message);
  }
  for (const value of [null, {}, new EventTarget(), 1]) {
    const wrong = value as EventTarget;
    assertThrows(() => connectLoop(wrong), TypeError, "as a port");
  }
  using remote = connect(channel.far);
  using other = connect(channel.far);
  for (const name of [1, null, undefined, Symbol("s")]) {
    const wrong = name as unknown as "nap";
    assertThrows(() => remote.coroutine(wrong), TypeError, "not a string");
  }
  const nap = functions.nap();
  for (const call of [nap, () => {}, null, "nap", other.coroutine("nap")]) {
    assertThrows(
      () => runCoroutineThreadsafe(call as never, remote),
      TypeError,
      "remote.coroutine()",
    );
  }
  assertThrows(
    () => runCoroutineThreadsafe(remote.coroutine("nap") as never, loop),
    TypeError,
    "a coroutine was expected, got <remote coroutine nap>",
  );
  const transfer = 1 as unknown as [];
  assertThrows(
    () => runCoroutineThreadsafe(remote.coroutine("nap"), remote, { transfer }),
    TypeError,
    "transfer must be an array",
  );
  nap.close();
  loop.close();
});

Deno.test("only one loop can be exposed on a port", async () => {
  await connected(async (_remote, channel) => {
    assertThrows(
      () => exposeLoop(getRunningLoop(), channel.near, functions),
      Error,
      "exposed on this port already",
    );
  });
});

// Cancellation

/** A function that records what happens to it. */
function tracked() {
  const steps: string[] = [];
  const started = Promise.withResolvers<void>();
  async function work(then: string): Promise<string> {
    steps.push("started");
    started.resolve();
    try {
      await sleep(Infinity);
    } catch (error) {
      assertInstanceOf(error, CancelledError);
      steps.push("cancelled");
      await sleep(0);
      steps.push("cleaned up");
      if (then === "declines") return "declined";
      if (then === "fails") throw new RangeError("while cleaning up");
      throw error;
    }
    return "finished";
  }
  return { steps, started: started.promise, work };
}

Deno.test("cancel() of a call that was not sent yet ends it at once, and it is never sent", async () => {
  await inLoop(async () => {
    for (const cancelled of [0, 1, 2]) {
      using channel = new Channel();
      using remote = connectLoop(channel.far);
      const calls = [0, 1, 2].map((n) =>
        runCoroutineThreadsafe(remote.coroutine("note", n), remote)
      );
      assert(calls[cancelled].cancel());
      assert(calls[cancelled].cancelled());
      assertFalse(calls[cancelled].cancel());
      const seen: number[] = [];
      using _ = exposeLoop(getRunningLoop(), channel.near, {
        note: async (n: number) => void seen.push(n),
      });
      await gather(calls, { returnExceptions: true });
      assertEquals(seen, [0, 1, 2].filter((n) => n !== cancelled));
    }
  });
});

Deno.test("cancel() of a call that the loop has not started yet prevents its start", async () => {
  for (const cancelled of [0, 1, 2]) {
    using channel = new Channel();
    const loop = newEventLoop();
    const seen: number[] = [];
    using _ = exposeLoop(loop, channel.near, {
      note: async (n: number) => void seen.push(n),
    });
    using remote = connectLoop(channel.far);
    const calls = [0, 1, 2].map((n) =>
      runCoroutineThreadsafe(remote.coroutine("note", n), remote)
    );
    await channel.settled(); // they have arrived, but the loop does not run
    assert(calls[cancelled].cancel());
    assertFalse(calls[cancelled].done());
    await assertRejects(
      () => Promise.resolve(calls[cancelled]),
      CancelledError,
    );
    assert(calls[cancelled].cancelled());
    assertEquals(calls.filter((call) => call.done()).length, 1);
    await loop.runUntilComplete(async () => {
      await gather(calls, { returnExceptions: true });
    });
    assertEquals(seen, [0, 1, 2].filter((n) => n !== cancelled));
    loop.close();
  }
});

Deno.test("cancel() of a running call cancels its task, and the answer comes when the task has cleaned up", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const { steps, started, work } = tracked();
    using _ = exposeLoop(getRunningLoop(), channel.near, { work });
    using remote = connectLoop(channel.far);
    const call = runCoroutineThreadsafe(remote.coroutine("work"), remote);
    let ends = 0;
    call.addDoneCallback(() => ends++);
    await wrapFuture(started);
    assert(call.cancel());
    const error = await assertRejects(async () => {
      await wrapFuture(call);
    }, CancelledError);
    assertEquals(error.name, "CancelledError");
    assertEquals(steps, ["started", "cancelled", "cleaned up"]);
    assert(call.done());
    assert(call.cancelled());
    assertFalse(call.cancel());
    await wrapFuture(channel.settled());
    assertEquals(ends, 1);
    assertEquals(allTasks().size, 1);
  });
});

Deno.test("a task that ignores the cancellation or fails on it answers with its result or error", async () => {
  await inLoop(async () => {
    for (const then of ["declines", "fails"]) {
      using channel = new Channel();
      const { started, work } = tracked();
      using _ = exposeLoop(getRunningLoop(), channel.near, { work });
      using remote = connectLoop(channel.far);
      const call = runCoroutineThreadsafe(
        remote.coroutine("work", then),
        remote,
      );
      await wrapFuture(started);
      assert(call.cancel());
      const end = await wrapFuture(outcome(call));
      if ("value" in end) {
        assertEquals([then, end.value], ["declines", "declined"]);
      } else assertInstanceOf(end.error, RangeError);
      assertFalse(call.cancelled());
    }
  });
});

Deno.test("cancel() of a call whose answer is on the way changes nothing", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const finished = Promise.withResolvers<void>();
    using _ = exposeLoop(getRunningLoop(), channel.near, {
      async work() {
        // The answer is posted before this promise's reactions run.
        await sleep(0);
        queueMicrotask(() => queueMicrotask(finished.resolve));
        return "finished";
      },
    });
    using remote = connectLoop(channel.far);
    const call = runCoroutineThreadsafe(remote.coroutine("work"), remote);
    let ends = 0;
    call.addDoneCallback(() => ends++);
    await finished.promise;
    await wrapFuture(Promise.resolve());
    assertEquals(allTasks().size, 1);
    assertFalse(call.done());
    assert(call.cancel());
    assertEquals(await wrapFuture(call), "finished");
    assertFalse(call.cancelled());
    await wrapFuture(channel.settled());
    assertEquals(ends, 1);
  });
});

Deno.test("one of three running calls can be cancelled, and the others get their answers", async () => {
  await inLoop(async () => {
    for (const cancelled of [0, 1, 2]) {
      using channel = new Channel();
      const gate = getRunningLoop().createFuture<void>();
      const waiting: unknown[] = [];
      using _ = exposeLoop(getRunningLoop(), channel.near, {
        async wait(n: number) {
          const own = getRunningLoop().createFuture<void>();
          waiting.push(n);
          gate.addDoneCallback(() => own.done() || own.setResult());
          await own;
          return n;
        },
      });
      using remote = connectLoop(channel.far);
      const calls = [0, 1, 2].map((n) =>
        runCoroutineThreadsafe(remote.coroutine("wait", n), remote)
      );
      await wrapFuture(channel.settled());
      assertEquals(waiting, [0, 1, 2]);
      calls[cancelled].cancel();
      await wrapFuture(channel.settled());
      assertEquals(
        calls.map((call) => call.cancelled()),
        [0, 1, 2].map((n) => n === cancelled),
      );
      gate.setResult();
      const others = calls.filter((_, n) => n !== cancelled);
      assertEquals(
        await gather(others),
        [0, 1, 2].filter((n) => n !== cancelled),
      );
    }
  });
});

Deno.test("a task that is cancelled in its own thread answers with CancelledError and its message", async () => {
  await connected(async (remote, channel) => {
    const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
    await wrapFuture(channel.settled());
    for (const task of allTasks()) {
      if (task.getCoro().toString().includes("nap")) task.cancel("enough");
    }
    await assertRejects(
      async () => {
        await wrapFuture(call);
      },
      CancelledError,
      "enough",
    );
    assert(call.cancelled());
  });
});

Deno.test("cancelling a task that waits in wrapFuture() cancels the call", async () => {
  await connected(async (remote) => {
    const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
    await assertRejects(async () => {
      await timeout(0.001, async () => void await wrapFuture(call));
    }, TimeoutError);
    await wrapFuture(
      new Promise<void>((resolve) => call.addDoneCallback(() => resolve())),
    );
    assert(call.cancelled());
    assertEquals(allTasks().size, 1);
  });
});

// The future of a call

Deno.test("done callbacks get the call once; immediately if it is done", async () => {
  await connected(async (remote) => {
    const call = runCoroutineThreadsafe(remote.coroutine("add", 1, 2), remote);
    const told: unknown[] = [];
    call.addDoneCallback((done) => told.push(done));
    call.addDoneCallback((done) => told.push(done));
    await wrapFuture(call);
    call.addDoneCallback((done) => told.push(done));
    assertEquals(told.length, 3);
    for (const done of told) assertStrictEquals(done, call);
  });
});

Deno.test("done callbacks of a coroutine in the same thread work the same way", async () => {
  const contexts: ExceptionContext[] = [];
  await run(async () => {
    const loop = getRunningLoop();
    const told: string[] = [];
    const note = (name: string) => (done: ThreadsafeFuture<unknown>) =>
      told.push(`${name} ${done.done()} ${done.cancelled()}`);
    const sum = runCoroutineThreadsafe(functions.add(1, 2), loop);
    sum.addDoneCallback(() => {
      throw new Error("careless");
    });
    sum.addDoneCallback(note("sum"));
    assertEquals(await wrapFuture(sum), 3);
    sum.addDoneCallback(note("again"));
    const nap = runCoroutineThreadsafe(functions.nap(), loop);
    nap.addDoneCallback(note("nap"));
    await sleep(0);
    nap.cancel();
    const never = runCoroutineThreadsafe(functions.nap(), loop);
    never.addDoneCallback(note("never started"));
    never.cancel();
    await sleep(0);
    assertEquals(told, [
      "sum true false",
      "again true false",
      "nap true true",
      "never started true true",
    ]);
  }, { loopFactory: loopFactory(contexts) });
  assertEquals(contexts.map(({ message }) => message), [
    "Exception in a callback of runCoroutineThreadsafe()",
  ]);
});

Deno.test("remote loops and calls print their kind and state", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    using remote = connect(channel.far);
    assertEquals(String(remote), "<RemoteLoop connecting calls=0>");
    using _ = exposeLoop(getRunningLoop(), channel.near, functions);
    const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
    await wrapFuture(channel.settled());
    assertEquals(Deno.inspect(remote), "<RemoteLoop open calls=1>");
    assertEquals(String(call), "<RemoteCall pending nap>");
    remote.close();
    assertEquals(String(remote), "<RemoteLoop closed calls=0>");
    assertEquals(String(call), "<RemoteCall finished nap>");
  });
});

// The end of a connection

/** Asserts that `end` fails running calls, and cancels their tasks. */
async function endedBy(
  end: (
    ends: { channel: Channel; remote: RemoteLoop<typeof functions> } & {
      exposed: Disposable;
    },
  ) => void,
  reason: string,
): Promise<void> {
  await inLoop(async () => {
    using channel = new Channel();
    const { started, steps, work } = tracked();
    const all = { ...functions, work };
    using exposed = exposeLoop(getRunningLoop(), channel.near, all);
    using remote = connectLoop<typeof all>(channel.far);
    const calls = [1, 2, 3].map(() =>
      runCoroutineThreadsafe(remote.coroutine("work", ""), remote)
    );
    await wrapFuture(started);
    await wrapFuture(channel.settled());
    end({ channel, exposed, remote: remote as RemoteLoop<never> });
    for (const call of calls) {
      const error = await assertRejects(async () => {
        await wrapFuture(call);
      }, Error);
      assertEquals(error.message, `No answer to the call of 'work': ${reason}`);
      assertFalse(call.cancelled());
    }
    assertThrows(
      () => runCoroutineThreadsafe(remote.coroutine("work", ""), remote),
      Error,
      `Cannot call 'work': ${reason}`,
    );
    while (allTasks().size > 1) await sleep(0); // they clean up
    assertEquals(steps.filter((step) => step === "cleaned up").length, 3);
  });
}

Deno.test("disposing of the exposure fails calls in flight, and cancels their tasks", async () => {
  await endedBy(
    ({ exposed }) => exposed[Symbol.dispose](),
    "the loop is no longer exposed",
  );
});

Deno.test("remote.close() fails calls in flight, and cancels their tasks", async () => {
  await endedBy(({ remote }) => remote.close(), "the connection was closed");
});

Deno.test("closing the port on the caller's side fails calls in flight, and cancels their tasks", async () => {
  await endedBy(({ channel }) => channel.far.close(), "the port was closed");
});

Deno.test("closing the port on the loop's side fails calls in flight, and cancels their tasks", async () => {
  await endedBy(({ channel }) => channel.near.close(), "the port was closed");
});

Deno.test("a loop can be exposed again, and the same connection can be used", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const expose = () => exposeLoop(getRunningLoop(), channel.near, functions);
    const first = expose();
    using remote = connect(channel.far);
    await wrapFuture(channel.settled());
    first[Symbol.dispose]();
    first[Symbol.dispose]();
    await wrapFuture(channel.settled());
    assertFalse(remote.isClosed());
    using _ = expose();
    await wrapFuture(channel.settled());
    const call = remote.coroutine("add", 1, 2);
    assertEquals(await wrapFuture(runCoroutineThreadsafe(call, remote)), 3);
  });
});

Deno.test("two connections on one port do not affect each other", async () => {
  await connected(async (remote, channel) => {
    using other = connect(channel.far);
    const add = (loop: RemoteLoop<typeof functions>, n: number) =>
      runCoroutineThreadsafe(loop.coroutine("add", n, n), loop);
    const nap = runCoroutineThreadsafe(other.coroutine("nap"), other);
    const calls = [add(remote, 1), add(other, 2), add(remote, 3)];
    assertEquals(await gather(calls), [2, 4, 6]);
    remote.close();
    await wrapFuture(channel.settled());
    assertFalse(nap.done());
    assertEquals(await wrapFuture(add(other, 4)), 8);
    nap.cancel();
    await wrapFuture(outcome(nap));
  });
});

Deno.test("both sides of a port can expose a loop", async () => {
  await connected(async (remote, channel) => {
    using _ = exposeLoop(getRunningLoop(), channel.far, {
      back: async () => "and back",
    });
    using other = connectLoop(channel.near);
    const there = runCoroutineThreadsafe(remote.coroutine("add", 1, 2), remote);
    const back = runCoroutineThreadsafe(other.coroutine("back"), other);
    assertEquals(await gather([there, back]), [3, "and back"]);
  });
});

Deno.test("loop.close() fails the calls that have no answer yet", async () => {
  using channel = new Channel();
  const loop = newEventLoop();
  exposeLoop(loop, channel.near, functions);
  using remote = connect(channel.far);
  const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
  await channel.settled();
  loop.close();
  await assertRejects(
    () => Promise.resolve(call),
    Error,
    "No answer to the call of 'nap': Event loop is closed",
  );
});

Deno.test("the end of run() cancels running calls, and refuses later ones", async () => {
  using channel = new Channel();
  using remote = connect(channel.far);
  const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
  await inLoop(async () => {
    exposeLoop(getRunningLoop(), channel.near, functions);
    await wrapFuture(channel.settled());
  });
  await assertRejects(() => Promise.resolve(call), CancelledError);
  await channel.settled();
  assertThrows(
    () => runCoroutineThreadsafe(remote.coroutine("nap"), remote),
    Error,
    "Event loop is closed",
  );
});

Deno.test("nothing is left on a port that is no longer used", async () => {
  await inLoop(async () => {
    using channel = new Channel();
    const exposed = exposeLoop(getRunningLoop(), channel.near, functions);
    assert(Object.hasOwn(channel.near, "close"));
    exposed[Symbol.dispose]();
    assertFalse(Object.hasOwn(channel.near, "close"));
    assertEquals(getRunningLoop().$holdingsOf.attachments.size, 0);
  });
});

// Workers

const ROOT = new URL("../..", import.meta.url);
const read = await Deno.permissions.query({ name: "read", path: ROOT });

/** Registers a test that starts workers. */
function testWorkers(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: read.state !== "granted", fn });
}

/** A worker that runs a fixture. Disposing of it ends the worker. */
class Thread implements Disposable {
  readonly worker: Worker;
  /** The message of the error that ended the worker. */
  readonly death = Promise.withResolvers<string>();

  constructor(fixture: string) {
    const url = new URL(`../fixtures/${fixture}`, import.meta.url);
    this.worker = new Worker(url, { type: "module" });
    this.worker.addEventListener("error", (event) => {
      event.preventDefault();
      this.death.resolve(event.message);
    });
  }

  /** Waits for the next message that is not from the library. */
  async message<T>(): Promise<T> {
    const { promise, resolve } = Promise.withResolvers<T>();
    const listener = ({ data }: MessageEvent) => {
      if (typeof data === "object" && TAG in data) return;
      this.worker.removeEventListener("message", listener);
      resolve(data);
    };
    this.worker.addEventListener("message", listener);
    return await wrapFuture(promise);
  }

  order(order: caller.Order): void {
    this.worker.postMessage(order);
  }

  [Symbol.dispose](): void {
    this.worker.terminate();
  }
}

/** The functions that are exposed to the workers. */
function service() {
  const napping = Promise.withResolvers<void>();
  const functions = {
    async double(n: number) {
      await sleep(0);
      return 2 * n;
    },
    async refuse(n: number) {
      throw new RangeError(`no ${n}`);
    },
    async nap() {
      napping.resolve();
      await sleep(Infinity);
    },
  };
  return { functions, napping: napping.promise };
}

testWorkers(
  "10,000 calls from four Workers get one answer each, while the loop keeps running",
  async () => {
    const TIMES = 2500;
    await inLoop(async () => {
      const loop = getRunningLoop();
      const { functions } = service();
      using stack = new DisposableStack();
      const threads: Thread[] = [];
      for (let i = 0; i < 4; i++) {
        const thread = stack.use(new Thread("loop_caller.ts"));
        stack.use(exposeLoop(loop, thread.worker, functions));
        await thread.message();
        threads.push(thread);
      }
      const tallies = threads.map(async (thread) => {
        thread.order({ order: "call", times: TIMES });
        return (await thread.message<{ tally: caller.Tally }>()).tally;
      });
      let ticks = 0;
      const ticking = createTask(async () => {
        for (;; ticks++) await sleep(0);
      });
      for (const tally of await wrapFuture(Promise.all(tallies))) {
        assertEquals(tally, {
          answered: 834,
          refused: 833,
          cancelled: 833,
          wrong: [],
        });
      }
      assert(ticks > 0);
      assertEquals(allTasks().size, 2); // this one, and the one that counts
      ticking.cancel();
    });
  },
);

for (const how of ["throw", "exit", "close"] as const) {
  testWorkers(
    `a worker that ends by ${how} with calls in flight has their tasks cancelled`,
    async () => {
      await inLoop(async () => {
        using thread = new Thread("loop_caller.ts");
        const { functions, napping } = service();
        using _ = exposeLoop(getRunningLoop(), thread.worker, functions);
        await thread.message();
        thread.order({ order: "nap" });
        await wrapFuture(napping);
        assertEquals(allTasks().size, 2);
        thread.order({ order: how });
        while (allTasks().size > 1) await sleep(0);
      });
    },
  );
}

testWorkers(
  "terminate() of a worker with calls in flight cancels their tasks",
  async () => {
    await inLoop(async () => {
      using thread = new Thread("loop_caller.ts");
      const { functions, napping } = service();
      using _ = exposeLoop(getRunningLoop(), thread.worker, functions);
      await thread.message();
      thread.order({ order: "nap" });
      await wrapFuture(napping);
      thread.worker.terminate();
      await sleep(0);
      await sleep(0);
      assertEquals(allTasks().size, 1);
    });
  },
);

testWorkers("a loop in a Worker accepts calls and cancellations", async () => {
  await inLoop(async () => {
    using thread = new Thread("loop_owner.ts");
    using remote = connectLoop<owner.Functions>(thread.worker);
    const add = (n: number) =>
      runCoroutineThreadsafe(remote.coroutine("add", n, n), remote);
    assertEquals(await gather([add(1), add(2), add(3)]), [2, 4, 6]);
    const nap = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
    assertEquals(await wrapFuture(add(4)), 8);
    nap.cancel();
    await assertRejects(async () => void await wrapFuture(nap), CancelledError);
  });
});

for (
  const [how, reason] of [
    ["throw", "the worker has died: Uncaught Error: out of hand"],
    ["exit", "the worker has exited"],
    ["close", "the port was closed"],
    ["dispose", "the loop is no longer exposed"],
    ["stop", "Event loop is closed"],
  ]
) {
  testWorkers(
    `calls to a Worker whose loop ends by ${how} fail, and say why`,
    async () => {
      await inLoop(async () => {
        using thread = new Thread("loop_owner.ts");
        using remote = connectLoop<owner.Functions>(thread.worker);
        const calls = [
          runCoroutineThreadsafe(remote.coroutine("nap"), remote),
          runCoroutineThreadsafe(remote.coroutine("die", how), remote),
        ];
        for (const call of calls) {
          const error = await assertRejects(
            async () => {
              await wrapFuture(call);
            },
            Error,
            "No answer to the call",
          );
          assertStringIncludes(error.message, reason);
        }
      });
    },
  );
}

testWorkers(
  "calls to a Worker that cannot start fail, and say why",
  async () => {
    await inLoop(async () => {
      using thread = new Thread("missing.ts");
      using remote = connectLoop<owner.Functions>(thread.worker);
      const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
      await assertRejects(
        async () => void await wrapFuture(call),
        Error,
        "the worker has died",
      );
    });
  },
);

testWorkers("terminate() of a Worker fails the calls to its loop", async () => {
  await inLoop(async () => {
    using thread = new Thread("loop_owner.ts");
    using remote = connectLoop<owner.Functions>(thread.worker);
    const call = runCoroutineThreadsafe(remote.coroutine("nap"), remote);
    thread.worker.terminate();
    await assertRejects(
      async () => void await wrapFuture(call),
      Error,
      "the worker was terminated",
    );
    assert(remote.isClosed());
  });
});

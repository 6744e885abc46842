// What TypeScript infers, and what it says. The functions in the tests of
// inference are compiled, not called: these tests fail in `deno check`.

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  asCompleted,
  type Awaitable,
  type Broadcast,
  type Coroutine,
  coroutine,
  type CoroutineLike,
  createTask,
  eagerTaskFactory,
  ensureFuture,
  type EventLoop,
  FIRST_COMPLETED,
  Future,
  gather,
  getRunningLoop,
  moveOnAfter,
  race,
  retry,
  run,
  Runner,
  type RWLock,
  shield,
  sleep,
  type Subscription,
  Task,
  type TaskGroup,
  taskGroup,
  timeout,
  timeoutAt,
  wait,
  waitFor,
  wrapFuture,
} from "@asyncio/asyncio";
import { cancelEverywhere, explore } from "@asyncio/asyncio/testing";
import { inVirtualTime } from "../_helpers.ts";

type Equal<A, B> = (<X>() => X extends A ? 1 : 2) extends
  (<X>() => X extends B ? 1 : 2) ? true : false;

/** Compiles only if what the function gives is exactly a `T`. */
function gives<T>() {
  return <V>(_make: () => V, _same: Equal<V, T>) => {};
}

/** Compiles only if the value is exactly a `T`. */
function is<T>() {
  return <V>(_value: V, _same: Equal<V, T>) => {};
}

/** Compiles code that is not to run. */
function compile(_code: () => unknown): void {}

const plain = async () => 1;
const asyncText = coroutine(async function asyncText(text: string) {
  await sleep(0);
  return text;
});
const stepsText = coroutine(function* stepsText(text: string) {
  yield* sleep(0);
  return text;
});

class Worker {
  async load() {
    return 1;
  }

  *compute() {
    yield* sleep(0);
    return "computed";
  }
}

const worker = new Worker();

/** Stands for values in code that is not called. */
const given = {} as {
  number: Coroutine<number>;
  text: Task<string>;
  future: Future<Date>;
  promise: Promise<boolean>;
  anything: Awaitable<symbol>;
  either: Coroutine<number> | (() => Promise<number>);
  loop: EventLoop;
  group: TaskGroup;
  numbers: (() => Promise<number>)[];
};

Deno.test("await gives the type of the result", () => {
  compile(async () => {
    is<void>()(await sleep(1), true);
    is<string>()(await sleep(1, "a"), true);
    is<string>()(await asyncText("a"), true);
    is<string>()(await stepsText("a"), true);
    is<number>()(await given.number, true);
    is<string>()(await given.text, true);
    is<Date>()(await given.future, true);
    is<symbol>()(await ensureFuture(given.anything), true);
    is<boolean>()(await wrapFuture(given.promise), true);
    is<number | null>()(await given.number.catch(() => null), true);
    is<number>()(await given.number.finally(() => {}), true);
  });
});

Deno.test("yield* gives the type of the result", () => {
  compile(function* () {
    is<void>()(yield* sleep(1), true);
    is<string>()(yield* sleep(1, "a"), true);
    is<string>()(yield* asyncText("a"), true);
    is<string>()(yield* stepsText("a"), true);
    is<string>()(yield* given.text, true);
    is<Date>()(yield* given.future, true);
    is<[number, string]>()(yield* gather(given.number, given.text), true);
    is<string>()(yield* worker.compute(), true);
  });
});

Deno.test("createTask() infers the result of whatever a coroutine can be made of", () => {
  gives<Task<void>>()(() => createTask(sleep(1)), true);
  gives<Task<string>>()(() => createTask(sleep(1, "a")), true);
  gives<Task<string>>()(() => createTask(asyncText("a")), true);
  gives<Task<string>>()(() => createTask(stepsText("a")), true);
  gives<Task<number>>()(() => createTask(plain), true);
  gives<Task<number>>()(() => createTask(() => plain()), true);
  gives<Task<string>>()(() => createTask(async () => "a"), true);
  gives<Task<void>>()(() => createTask(async () => {}), true);
  gives<Task<number>>()(
    () =>
      createTask(function* () {
        return yield* sleep(0, 1);
      }),
    true,
  );
  gives<Task<number>>()(() => createTask(worker.load), true);
  gives<Task<number>>()(() => createTask(() => worker.load()), true);
  gives<Task<string>>()(() => createTask(worker.compute), true);
  gives<Task<number>>()(() => createTask(given.either), true);
  gives<Task<number>>()(() => createTask<number>(plain), true);
  gives<Task<number[]>>()(() => createTask(async () => [1, 2]), true);
  gives<Task<never>>()(
    () => createTask(null as unknown as () => Promise<never>),
    true,
  );
  gives<Task<unknown>>()(
    () => createTask(null as unknown as Coroutine<unknown>),
    true,
  );
  gives<Task<number>[]>()(
    () => given.numbers.map((number) => createTask(number)),
    true,
  );
});

Deno.test("createTask() takes the type that is expected of it", () => {
  compile(() => {
    const pair: Task<[string, number]> = createTask(async () => ["a", 1]);
    const made: <T>(coro: CoroutineLike<T>) => Task<T> = createTask;
    return [pair, made];
  });
});

Deno.test("createTask() takes what is generic", () => {
  compile(() => {
    function ofAnything<T>(coro: CoroutineLike<T>): Task<T> {
      return createTask(coro);
    }
    function ofFunction<T>(start: () => Promise<T>): Task<T> {
      return createTask(start);
    }
    function ofCoroutine<T>(coro: Coroutine<T>): Task<T> {
      return createTask(coro, { name: "generic" });
    }
    return [ofAnything, ofFunction, ofCoroutine];
  });
});

Deno.test("the other ways to start a task infer as createTask() does", () => {
  gives<Task<number>>()(() => given.loop.createTask(plain), true);
  gives<Task<string>>()(() => given.group.createTask(asyncText("a")), true);
  gives<Task<number>>()(() => new Task(plain), true);
  gives<Task<number>>()(() => eagerTaskFactory(given.loop, plain), true);
  gives<Promise<number>>()(() => run(plain), true);
  gives<Promise<string>>()(() => run(stepsText("a")), true);
  gives<Promise<string>>()(() => new Runner().run(asyncText("a")), true);
  gives<Future<number>>()(() => ensureFuture(plain), true);
});

Deno.test("gather() infers a tuple of a tuple and an array of an iterable", () => {
  const { number, text, promise } = given;
  gives<Future<[]>>()(() => gather(), true);
  gives<Future<[number, string, boolean]>>()(
    () => gather(number, text, promise),
    true,
  );
  gives<Future<[number, string]>>()(() => gather([number, text]), true);
  gives<Future<number[]>>()(() => gather(new Set([number])), true);
  gives<Future<number[]>>()(() => gather(given.numbers), true);
  gives<Future<[number, string]>>()(() => gather(plain, asyncText("a")), true);
});

Deno.test("gather() types what can be thrown as unknown", () => {
  const { number, text } = given;
  const returnExceptions = true;
  const either = { returnExceptions: Boolean(given) };
  gives<Future<[unknown, unknown]>>()(
    () => gather([number, text], { returnExceptions }),
    true,
  );
  gives<Future<unknown[]>>()(
    () => gather(new Set([number]), { returnExceptions }),
    true,
  );
  gives<Future<[unknown, unknown]>>()(
    () => gather([number, text], either),
    true,
  );
  gives<Future<[number, string]>>()(
    () => gather([number, text], { returnExceptions: false }),
    true,
  );
  gives<Future<[number, string]>>()(() => gather([number, text], {}), true);
});

Deno.test("what gather() gives with returnExceptions narrows by instanceof and typeof", async () => {
  const fail = async (): Promise<number> => {
    throw new RangeError("no luck");
  };
  await inVirtualTime(async () => {
    const [one, failed] = await gather([sleep(0, 1), fail], {
      returnExceptions: true,
    });
    // @ts-expect-error: a result may be anything before it is narrowed
    compile(() => one + 1);
    // @ts-expect-error: the same, of what has failed
    compile(() => failed.message);
    assertEquals(typeof one === "number" ? one + 1 : "failed", 2);
    assertEquals(failed instanceof Error ? failed.message : "", "no luck");
  });
});

Deno.test("wait() gives sets of the type of the futures", () => {
  compile(async () => {
    const { text, future } = given;
    const [done, pending] = await wait([text, future], {
      returnWhen: FIRST_COMPLETED,
    });
    is<Set<Task<string> | Future<Date>>>()(done, true);
    is<Set<Task<string> | Future<Date>>>()(pending, true);
    for (const first of done) is<string | Date>()(first.result(), true);
    const [tasks] = await wait(new Set([text]));
    is<Set<Task<string>>>()(tasks, true);
    // @ts-expect-error: create tasks of coroutines first
    await wait([given.number]);
    // Cause: A future gave itself when it was iterated, by its type.
    // @ts-expect-error: a list of one
    await wait(text);
    // @ts-expect-error: a list of one
    asCompleted(future);
  });
});

Deno.test("asCompleted() gives a union of the types of the awaitables", () => {
  compile(async () => {
    const { number, text, promise } = given;
    for (const next of asCompleted([number, text, promise])) {
      is<number | string | boolean>()(await next, true);
    }
    for await (const done of asCompleted([text, number])) {
      is<Task<string> | Task<number>>()(done, true);
    }
  });
});

Deno.test("gather() and asCompleted() take iterables of either kind with a limit", () => {
  compile(async () => {
    const lazy = {} as Iterable<() => Promise<number>>;
    const asynchronous = {} as AsyncIterable<() => Promise<number>>;
    const stream = {} as ReadableStream<() => Promise<number>>;
    is<number[]>()(await gather(lazy, { limit: 2 }), true);
    is<number[]>()(await gather(asynchronous), true);
    is<number[]>()(await gather(stream, { limit: 2 }), true);
    is<[number, string]>()(
      await gather([plain, asyncText("a")], { limit: 2 }),
      true,
    );
    is<unknown[]>()(
      await gather(asynchronous, { limit: 2, returnExceptions: true }),
      true,
    );
    for await (const task of asCompleted(asynchronous, { limit: 2 })) {
      is<Task<number>>()(task, true);
    }
    for (const next of asCompleted(lazy, { limit: 2 })) {
      is<number>()(await next, true);
    }
    // @ts-expect-error -- how many there are is not known
    for (const _ of asCompleted(asynchronous, { limit: 2 }));
    // @ts-expect-error -- not a number
    gather(lazy, { limit: "2" });
  });
});

Deno.test("group.start() gives what started() is called with", () => {
  const { group } = given;
  gives<Coroutine<number>>()(
    () => group.start(async (started: (port: number) => void) => started(1)),
    true,
  );
  gives<Coroutine<string>>()(
    () =>
      group.start<string>(function* (started) {
        started("a");
      }),
    true,
  );
  gives<Coroutine<void>>()(
    () => group.start(async (started: () => void) => started()),
    true,
  );
  gives<Coroutine<void>>()(
    () => group.start(async (started) => started()),
    true,
  );
  compile(() => {
    // @ts-expect-error -- not a number
    group.start<number>(async (started) => started("a"));
    // @ts-expect-error -- a coroutine
    group.start(sleep(1));
  });
});

Deno.test("race() gives a union of what its contestants give", () => {
  gives<Coroutine<string | number>>()(
    () => race(asyncText("a"), plain, sleep(1, 2)),
    true,
  );
  gives<Coroutine<string | number>>()(
    () => race([asyncText("a"), plain]),
    true,
  );
  gives<Coroutine<string>>()(
    () => race(new Set([asyncText("a"), stepsText("b")])),
    true,
  );
});

Deno.test("retry() gives what its function gives", () => {
  gives<Coroutine<number>>()(() => retry(plain), true);
  gives<Coroutine<string>>()(() => retry(async () => "a"), true);
  gives<Coroutine<void>>()(() => retry(async (_attempt) => {}), true);
  gives<Coroutine<number>>()(() => retry(async (attempt) => attempt), true);
  gives<Coroutine<string>>()(() => retry(() => asyncText("a")), true);
  gives<Coroutine<string>>()(
    () =>
      retry(function* (attempt) {
        is<number>()(attempt, true);
        return yield* sleep(0, "a");
      }),
    true,
  );
  compile(() => {
    retry(plain, {
      backoff: (attempt, error) => {
        is<number>()(attempt, true);
        is<unknown>()(error, true);
        return 1;
      },
    });
    // @ts-expect-error -- a coroutine can run once
    retry(sleep(1));
    // @ts-expect-error -- it would always be true
    retry(plain, { when: async () => false });
  });
});

Deno.test("a broadcast gives queues of the type of its items", () => {
  compile(async () => {
    const news = {} as Broadcast<string>;
    is<Subscription<string>>()(news.subscribe(), true);
    is<string>()(await news.subscribe({ maxsize: 1 }).get(), true);
    is<void>()(await news.publish("a"), true);
    for await (const item of news.subscribe()) is<string>()(item, true);
    // @ts-expect-error -- no such policy
    news.subscribe({ maxsize: 1, policy: "drop" });
    // @ts-expect-error -- not a string
    news.publish(1);
    is<Disposable>()(await ({} as RWLock).acquireRead(), true);
  });
});

Deno.test("timeout(), timeoutAt() and waitFor() give what their body gives", () => {
  const { number, promise } = given;
  gives<Coroutine<number>>()(() => timeout(1, plain), true);
  gives<Coroutine<number>>()(
    () =>
      timeout(null, function* (scope) {
        is<boolean>()(scope.expired(), true);
        return yield* number;
      }),
    true,
  );
  gives<Coroutine<number | null>>()(
    () =>
      timeoutAt(1, async (scope) => {
        return scope.when();
      }),
    true,
  );
  gives<Coroutine<number>>()(() => waitFor(number, 1), true);
  gives<Coroutine<boolean>>()(() => waitFor(promise, null), true);
  gives<Coroutine<number>>()(() => waitFor(plain, 1), true);
  gives<Coroutine<string>>()(() => waitFor(worker.compute, 1), true);
});

Deno.test("moveOnAfter() may give undefined", () => {
  gives<Coroutine<number | undefined>>()(() => moveOnAfter(1, plain), true);
  gives<Coroutine<string | undefined>>()(
    () =>
      moveOnAfter(1, function* () {
        return yield* stepsText("a");
      }),
    true,
  );
  compile(async () => {
    const rows = await moveOnAfter(1, async () => [1, 2]);
    // @ts-expect-error: the time may have been over
    rows.length;
  });
});

Deno.test("taskGroup() may give undefined, as the group may cancel itself", () => {
  gives<Coroutine<number | undefined>>()(
    () =>
      taskGroup(async (group) => {
        is<Task<string>>()(group.createTask(asyncText("a")), true);
        return 5;
      }),
    true,
  );
  gives<Coroutine<string | undefined>>()(
    () =>
      taskGroup(function* (group) {
        return yield* group.createTask(asyncText("a"));
      }),
    true,
  );
  compile(async () => {
    const text = await taskGroup(async () => "text");
    // @ts-expect-error: the group may have been cancelled
    text.length;
  });
});

Deno.test("a group that cancels itself gives the undefined that its type tells of", async () => {
  await inVirtualTime(async () => {
    const value = await taskGroup(async (group) => {
      group.cancel();
      await sleep(1);
      return 5;
    });
    assertEquals(value, undefined);
  });
});

Deno.test("shield() gives a future of the result", () => {
  gives<Future<number>>()(() => shield(given.number), true);
  gives<Future<string>>()(() => shield(given.text), true);
  gives<Future<boolean>>()(() => shield(given.promise), true);
  gives<Future<number>>()(() => shield(plain), true);
});

Deno.test("options are checked by their types, too", () => {
  compile(() => {
    const { number, text } = given;
    // @ts-expect-error: the name is an option
    createTask(number, "name");
    // @ts-expect-error: no such option
    createTask(number, { nmae: "name" });
    // @ts-expect-error: spelt as in Python
    gather([number], { return_exceptions: true });
    // @ts-expect-error: spelt as in Python
    wait([text], { return_when: FIRST_COMPLETED });
    // @ts-expect-error: the loop is an option
    new Future(getRunningLoop());
    // @ts-expect-error: not a loop
    new Future({ loop: 42 });
  });
});

Deno.test("a promise is a type error wherever a coroutine is required", () => {
  compile(() => {
    const { promise, loop, group } = given;
    // @ts-expect-error: it has already started
    createTask(promise);
    // @ts-expect-error: it has already started
    createTask(plain());
    // @ts-expect-error: it has already started
    createTask(worker.load(), { name: "load" });
    // @ts-expect-error: it has already started
    loop.createTask(promise);
    // @ts-expect-error: it has already started
    group.createTask(promise);
    // @ts-expect-error: it has already started
    run(promise);
    // @ts-expect-error: it has already started
    new Runner().run(promise);
    // @ts-expect-error: it has already started
    new Task(promise);
    // @ts-expect-error: a future is no coroutine
    createTask(given.future);
    // @ts-expect-error: a function with an argument
    createTask((n: number) => Promise.resolve(n));
    // @ts-expect-error: neither
    createTask(42);
    // @ts-expect-error: a function that is neither async nor a generator
    createTask(() => 42);
  });
});

// The text of the errors, for which the type checker is run.

const root = new URL("../..", import.meta.url);
const permission = await Deno.permissions.query({
  name: "run",
  command: Deno.execPath(),
});
const ignore = permission.state !== "granted";

/** What `deno check` says of a program, without colours. */
async function checked(program: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--check", "-"],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(program));
  await writer.close();
  const { stderr } = await child.output();
  return new TextDecoder().decode(stderr);
}

const PROMISE_SENTENCE =
  `Argument of type 'Promise<number>' is not assignable to parameter of type '"A native promise has already started: pass the async function itself"'.`;

Deno.test({
  name: "the type error of a promise in the place of a coroutine is a sentence",
  ignore,
  async fn() {
    const calls = [
      "createTask(plain());",
      "run(plain());",
      "getRunningLoop().createTask(plain());",
      "taskGroup(async (group) => { group.createTask(plain()); });",
      "new Runner().run(plain());",
    ];
    const text = await checked(`
import {
  createTask, getRunningLoop, run, Runner, taskGroup,
} from "@asyncio/asyncio";
async function plain() { return 1; }
${calls.join("\n")}
`);
    const errors = text.split("\n\n").filter((part) => part.includes("TS2"));
    for (const [i, call] of calls.entries()) {
      // The sentence is all there is: the source line follows at once.
      assertStringIncludes(errors[i], `${PROMISE_SENTENCE}\n${call}\n`);
    }
    assertEquals(errors.length, calls.length);
  },
});

Deno.test({
  name: "the type error of a future in the place of a coroutine is a sentence",
  ignore,
  async fn() {
    const text = await checked(`
import { createTask, Future } from "@asyncio/asyncio";
createTask(new Future<number>());
`);
    assertStringIncludes(
      text,
      `'"A future needs no task: await it, or pass it to ensureFuture()"'.\n` +
        "createTask(new Future<number>());\n",
    );
  },
});

Deno.test("what explore() and cancelEverywhere() report can be what a test returns", () => {
  compile(() => {
    const tests: (() => void | Promise<void>)[] = [
      () => explore(plain),
      () => cancelEverywhere(plain),
    ];
    return tests;
  });
  compile(async () => {
    const { runs } = await explore(plain);
    const { cancellations } = await cancelEverywhere(plain);
    is<number>()(runs, true);
    is<number>()(cancellations, true);
  });
});

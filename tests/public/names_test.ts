// The names of classes in printed text. Those of the library are spelled out,
// as a minifier renames classes; a subclass prints its own.

import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  Barrier,
  BoundedSemaphore,
  Broadcast,
  Condition,
  connectLoop,
  coroutine,
  Event,
  EventLoop,
  type ExceptionContext,
  Future,
  gather,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  RateLimiter,
  RWLock,
  Semaphore,
  sleep,
  Task,
  type TaskGroup,
  taskGroup,
  ThreadPoolExecutor,
  type Timeout,
  timeout,
  WorkFuture,
  wrapFuture,
  wrapIterable,
} from "@asyncio/asyncio";
import { VirtualClock } from "../_helpers.ts";

const work = coroutine(function* work() {
  yield* sleep(0);
});

/** Gives the scope that a body runs in, when the body is over. */
async function scopeOf<S>(
  loop: EventLoop,
  inScope: (body: (scope: S) => Generator<unknown, S, never>) => object,
): Promise<S> {
  function* body(scope: S): Generator<unknown, S, never> {
    return scope;
  }
  return await loop.runUntilComplete(inScope(body) as Task<S>);
}

/** What has a printed name, and its text up to the end of the name. */
interface Named {
  name: string;
  make: (loop: EventLoop) => object | Promise<object>;
  /** The text after the name, as far as it is the same every time. */
  rest: string;
}

const NAMED: Named[] = [
  {
    name: "Future",
    make: (loop) => new Future({ loop }),
    rest: " pending>",
  },
  {
    name: "Task",
    make: (loop) => new Task(work, { loop }),
    rest: " pending coro=<work() running at ",
  },
  {
    name: "_GatheringFuture",
    make: (loop) => gather(loop.createFuture()),
    rest: " pending>",
  },
  {
    name: "Future",
    make: (loop) => wrapFuture(Promise.resolve(1), { loop }),
    rest: " pending>",
  },
  {
    name: "WorkFuture",
    make: (loop) => new WorkFuture(loop, () => {}),
    rest: " pending>",
  },
  {
    name: "Handle",
    make: (loop) => loop.callSoon(function callback() {}),
    rest: " callback()>",
  },
  {
    name: "TimerHandle",
    make: (loop) => loop.callLater(1, function callback() {}),
    rest: " when=1 callback()>",
  },
  {
    name: "EventLoop",
    make: (loop) => loop,
    rest: " running=False closed=False debug=False>",
  },
  {
    name: "Timeout",
    make: (loop) => scopeOf<Timeout>(loop, (body) => timeout(1, body)),
    rest: " [finished]>",
  },
  {
    name: "TaskGroup",
    make: (loop) => scopeOf<TaskGroup>(loop, (body) => taskGroup(body)),
    rest: " entered>",
  },
  { name: "Lock", make: () => new Lock(), rest: " [unlocked]>" },
  { name: "Event", make: () => new Event(), rest: " [unset]>" },
  { name: "Condition", make: () => new Condition(), rest: " [unlocked]>" },
  {
    name: "Semaphore",
    make: () => new Semaphore(2),
    rest: " [unlocked, value:2]>",
  },
  {
    name: "BoundedSemaphore",
    make: () => new BoundedSemaphore(2),
    rest: " [unlocked, value:2]>",
  },
  {
    name: "Barrier",
    make: () => new Barrier(2),
    rest: " [filling, waiters:0/2]>",
  },
  { name: "RWLock", make: () => new RWLock(), rest: " [unlocked]>" },
  {
    name: "RateLimiter",
    make: () => new RateLimiter(2, 60),
    rest: " [rate:2, per:60]>",
  },
  { name: "Queue", make: () => new Queue(), rest: " maxsize=0>" },
  { name: "Broadcast", make: () => new Broadcast(), rest: " subscribers=0>" },
  {
    name: "Subscription",
    make: () => new Broadcast().subscribe(),
    rest: " maxsize=0>",
  },
  {
    name: "WrappedIterable",
    make: () => wrapIterable([]),
    rest: " [open]>",
  },
  { name: "LifoQueue", make: () => new LifoQueue(), rest: " maxsize=0>" },
  {
    name: "PriorityQueue",
    make: () => new PriorityQueue(),
    rest: " maxsize=0>",
  },
  {
    name: "ThreadPoolExecutor",
    make: () => new ThreadPoolExecutor(),
    rest: " workers=0 busy=0 queue=0>",
  },
  {
    name: "RemoteLoop",
    make: () => {
      const { port1, port2 } = new MessageChannel();
      const remote = connectLoop(port1);
      remote.close();
      port1.close();
      port2.close();
      return remote;
    },
    rest: " closed calls=0>",
  },
];

type Class = new (...args: never[]) => object;

/** Gives a class another name as long as it lasts, as a minifier would. */
function renamed(Class: Class): Disposable {
  const { name } = Class;
  const set = (value: string) =>
    Object.defineProperty(Class, "name", { value, configurable: true });
  set("a");
  return { [Symbol.dispose]: () => void set(name) };
}

/** Calls a function with one of these, in a loop of its own. */
async function withOne(
  { make }: Named,
  body: (object: object) => void,
): Promise<void> {
  const loop = new EventLoop({ clock: new VirtualClock() });
  try {
    await loop.runUntilComplete(async () => {}); // now it has a time of its own
    const made = make(loop); // a future is not to be awaited
    body(made instanceof Promise ? await made : made);
  } finally {
    await loop.runUntilComplete(sleep(0));
    loop.close();
  }
}

for (const named of NAMED) {
  const { name, make, rest } = named;
  const what = `${name}: ${make}`.replace(/\s+/g, " ").slice(0, 60);

  Deno.test(`the printed name survives a minifier (${what})`, async () => {
    await withOne(named, (object) => {
      using _ = renamed(object.constructor as Class);
      assertStringIncludes(`${object}`, `<${name}${rest}`);
      assertStringIncludes(Deno.inspect(object), `<${name}${rest}`);
    });
  });

  Deno.test(`a subclass prints its own name (${what})`, async () => {
    await withOne(named, (object) => {
      const Base = object.constructor as Class;
      class Own extends Base {}
      // Some have no constructor to call: this is what a subclass makes.
      Object.setPrototypeOf(object, Own.prototype);
      using _ = renamed(Base);
      assertStringIncludes(`${object}`, `<Own${rest}`);
      assertStringIncludes(Deno.inspect(object), `<Own${rest}`);
    });
  });
}

Deno.test("every class of the library that prints its name is in the table", async () => {
  const classes = new Set<unknown>();
  for (const named of NAMED) {
    await withOne(named, (object) => classes.add(object.constructor));
  }
  const library: Record<string, unknown> = await import("@asyncio/asyncio");
  const text = Symbol.for("Deno.customInspect");
  const missing = Object.entries(library).filter(([, value]) =>
    typeof value === "function" && value.prototype !== undefined &&
    text in value.prototype && !classes.has(value)
  );
  // These stand for a call, and print what is called.
  assertEquals(missing.map(([name]) => name), ["Coroutine", "RemoteCoroutine"]);
});

Deno.test("subclasses that are made as usual print their own names", () => {
  const loop = new EventLoop();
  class Answer extends Future<number> {}
  class Job extends Task<void> {}
  class Mutex extends Lock {}
  class Line<T> extends PriorityQueue<T> {}
  class Pool extends ThreadPoolExecutor {}
  const objects = [
    new Answer({ loop }),
    new Job(work, { loop, name: "first" }),
    new Mutex(),
    new Line({ compare: () => 0 }),
    new Pool({ maxWorkers: 1 }),
  ];
  assertEquals(
    objects.map((object) => `${object}`.replace(/running at .*/, "…")),
    [
      "<Answer pending>",
      "<Job pending name='first' coro=<work() …",
      "<Mutex [unlocked]>",
      "<Line maxsize=0>",
      "<Pool workers=0 busy=0 queue=0>",
    ],
  );
  loop.close();
});

Deno.test("a subclass of a subclass prints the name of its own class", () => {
  class Answer extends Future<number> {}
  class BetterAnswer extends Answer {}
  const loop = new EventLoop();
  assertEquals(`${new BetterAnswer({ loop })}`, "<BetterAnswer pending>");
  loop.close();
});

Deno.test("the report of a failure that nobody looks at names the subclass", () => {
  class Answer extends Future<number> {}
  const loop = new EventLoop();
  const contexts: ExceptionContext[] = [];
  loop.setExceptionHandler((_loop, context) => contexts.push(context));
  new Answer({ loop }).setException(new Error("no luck"));
  new Future({ loop }).setException(new Error("no luck"));
  loop.close();
  assertEquals(contexts.map(({ message }) => message), [
    "Answer exception was never retrieved",
    "Future exception was never retrieved",
  ]);
});

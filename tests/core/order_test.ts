import { assertEquals } from "@std/assert";
import {
  CancelledError,
  type Coroutine,
  createTask,
  currentTask,
  type Future,
  gather,
  getRunningLoop,
  sleep,
  type Task,
  wait,
} from "@asyncio/asyncio";
import {
  inKind,
  inVirtualTime,
  type Kind,
  type Script,
  testKinds,
} from "../_helpers.ts";

/** Records an event. */
type Log = (event: unknown) => void;

/**
 * Registers a test of a program for each kind of coroutine. The transcript is
 * that of CPython 3.15 for the same program, with timers of equal deadlines in
 * order of creation.
 */
function follows(
  name: string,
  transcript: string,
  program: (log: Log, kind: Kind) => Script<void>,
): void {
  testKinds(`order: ${name}`, async (kind) => {
    const events: string[] = [];
    const log: Log = (event) => {
      events.push(typeof event === "boolean" ? flag(event) : String(event));
    };
    await inVirtualTime(inKind(kind, () => program(log, kind))());
    assertEquals(events.join(" | "), transcript);
  });
}

/** A boolean as Python prints it. */
function flag(value: boolean): string {
  return value ? "True" : "False";
}

/** A coroutine function that counts turns. */
function clockOf(log: Log, kind: Kind): (turns: number) => Coroutine<void> {
  return inKind(kind, function* clock(turns: number) {
    for (let i = 0; i < turns; i++) {
      log(`turn${i}`);
      yield sleep(0);
    }
  });
}

testKinds(
  "tasks take their steps in turn, in order of creation",
  async (kind) => {
    const log: string[] = [];
    const worker = inKind(kind, function* worker(name: string) {
      for (let i = 0; i < 3; i++) {
        log.push(`${name}${i}`);
        yield sleep(0);
      }
    });
    await inVirtualTime(
      inKind(kind, function* main() {
        yield gather(worker("a"), worker("b"), createTask(worker("c")));
      })(),
    );
    assertEquals(log.join(" "), "c0 a0 b0 c1 a1 b1 c2 a2 b2");
  },
);

follows(
  "a step runs from wait to wait",
  "middle1 | leaf1 | leaf1 | /middle1 | top1 | middle2 | leaf2 | leaf2 | /middle2 | top2 | middle1 | leaf1 | leaf1 | /middle1 | middle2 | leaf2 | leaf2 | /middle2",
  function* (log, kind) {
    const leaf = inKind(kind, function* leaf(n: number) {
      log(`leaf${n}`);
    });
    const middle = inKind(kind, function* middle(n: number) {
      log(`middle${n}`);
      yield leaf(n);
      yield leaf(n);
      log(`/middle${n}`);
    });
    const top = inKind(kind, function* top(n: number) {
      yield middle(n);
      log(`top${n}`);
      yield sleep(0);
      yield middle(n);
    });
    yield gather(top(1), top(2));
  },
);

follows(
  "callbacks and steps run in one queue",
  "a0 | b0 | a0cb | a1 | b0cb | b1 | a1cb | a2 | b1cb | b2 | a2cb | b2cb",
  function* (log, kind) {
    const worker = inKind(kind, function* worker(name: string) {
      for (let i = 0; i < 3; i++) {
        log(`${name}${i}`);
        getRunningLoop().callSoon(log, `${name}${i}cb`);
        yield sleep(0);
      }
    });
    yield gather(worker("a"), worker("b"));
  },
);

follows(
  "callbacks scheduled by a callback run in the next turn",
  "cb0 | s0 | cb1 | s1 | cb2 | s2 | cb3 | s3 | s4",
  function* (log) {
    const loop = getRunningLoop();
    const again = (n: number) => {
      log(`cb${n}`);
      if (n < 3) loop.callSoon(again, n + 1);
    };
    loop.callSoon(again, 0);
    for (let i = 0; i < 5; i++) {
      yield sleep(0);
      log(`s${i}`);
    }
  },
);

follows(
  "a done future takes no turn",
  "r | r | no | callback | end",
  function* (log) {
    const loop = getRunningLoop();
    const future = loop.createFuture<string>();
    future.setResult("r");
    loop.callSoon(log, "callback");
    log(yield future);
    log(yield future);
    const failed = loop.createFuture<string>();
    failed.setException(new Error("no"));
    try {
      yield failed;
    } catch (error) {
      log((error as Error).message);
    }
    yield sleep(0);
    log("end");
  },
);

follows(
  "a future wakes waiters and callbacks in order of arrival",
  "waita | waitb | waitc | set | cb1 | a:r | b:r | cb2 | c:r | cb3 | soon",
  function* (log, kind) {
    const loop = getRunningLoop();
    const future = loop.createFuture<string>();
    const waiter = inKind(kind, function* waiter(name: string) {
      log(`wait${name}`);
      log(`${name}:${yield future}`);
    });
    const tasks = [createTask(waiter("a"))];
    future.addDoneCallback(() => log("cb1"));
    tasks.push(createTask(waiter("b")));
    yield sleep(0);
    future.addDoneCallback(() => log("cb2"));
    tasks.push(createTask(waiter("c")));
    yield sleep(0);
    future.setResult("r");
    log("set");
    future.addDoneCallback(() => log("cb3"));
    loop.callSoon(log, "soon");
    yield gather(tasks);
  },
);

follows(
  "a chain of tasks ends one link per turn",
  "turn0 | first | turn1 | second=1 | turn2 | third=2 | turn3 | fourth=3 | turn4 | 4 | turn5 | turn6",
  function* (log, kind) {
    const first = inKind(kind, function* first() {
      yield sleep(0);
      log("first");
      return 1;
    });
    const link = inKind(kind, function* link(task: Task<number>, name: string) {
      const result: number = yield task;
      log(`${name}=${result}`);
      return result + 1;
    });
    const one = createTask(first());
    const two = createTask(link(one, "second"));
    const three = createTask(link(two, "third"));
    const four = createTask(link(three, "fourth"));
    const clock = createTask(clockOf(log, kind)(7));
    log(yield four);
    yield clock;
  },
);

follows(
  "a task awaited by several wakes them in order",
  "work | cb | main | a:w | b:w | c:w",
  function* (log, kind) {
    const work = inKind(kind, function* work() {
      yield sleep(0);
      log("work");
      return "w";
    });
    const task = createTask(work());
    const waiter = inKind(kind, function* waiter(name: string) {
      log(`${name}:${yield task}`);
    });
    const waiters = ["a", "b", "c"].map((name) => createTask(waiter(name)));
    task.addDoneCallback(() => log("cb"));
    yield task;
    log("main");
    yield gather(waiters);
  },
);

follows(
  "gather wakes two turns after the last child",
  "turn0 | turn1 | child2 | turn2 | child1 | child3 | turn3 | turn4 | 1,2,3 | turn5",
  function* (log, kind) {
    const child = inKind(kind, function* child(n: number, turns: number) {
      for (let i = 0; i < turns; i++) yield sleep(0);
      log(`child${n}`);
      return n;
    });
    const clock = createTask(clockOf(log, kind)(6));
    log((yield gather(child(1, 2), child(2, 1), child(3, 2))).join(","));
    yield clock;
  },
);

follows(
  "gather throws the first failure and leaves the others running",
  "g0 | h0 | g1 | bad | h1 | g2 | h2 | g3 | caught oops | h3 | g done | main0 | h done | main1 | main2",
  function* (log, kind) {
    const bad = inKind(kind, function* bad() {
      yield sleep(0);
      log("bad");
      throw new Error("oops");
    });
    const good = inKind(kind, function* good(name: string) {
      for (let i = 0; i < 4; i++) {
        log(`${name}${i}`);
        yield sleep(0);
      }
      log(`${name} done`);
    });
    try {
      yield gather(good("g"), bad(), good("h"));
    } catch (error) {
      log(`caught ${(error as Error).message}`);
    }
    for (let i = 0; i < 3; i++) {
      yield sleep(0);
      log(`main${i}`);
    }
  },
);

follows(
  "gather in gather",
  "turn0 | turn1 | a | b | d | c | turn2 | turn3 | turn4 | turn5 | acd | turn6 | turn7",
  function* (log, kind) {
    const child = inKind(kind, function* child(name: string) {
      yield sleep(0);
      log(name);
      return name;
    });
    const clock = createTask(clockOf(log, kind)(8));
    const results = yield gather(
      gather(child("a"), child("b")),
      child("c"),
      gather(gather(child("d"))),
    );
    log(results[0][0] + results[1] + results[2][0][0]);
    yield clock;
  },
);

follows(
  "gather of done futures takes a turn for their callbacks",
  "1+1 | 0 | cb | end",
  function* (log) {
    const loop = getRunningLoop();
    const future = loop.createFuture<number>();
    future.setResult(1);
    loop.callSoon(log, "cb");
    log((yield gather(future, future)).join("+"));
    log((yield gather()).length);
    yield sleep(0);
    log("end");
  },
);

follows(
  "wait ends with the first that is completed",
  "b | done b | c | a | done abc",
  function* (log, kind) {
    const worker = inKind(kind, function* worker(name: string, turns: number) {
      for (let i = 0; i < turns; i++) yield sleep(0);
      log(name);
      return name;
    });
    const tasks = [worker("a", 6), worker("b", 1), worker("c", 5)]
      .map((coro) => createTask(coro));
    const names = (done: Set<Task<string>>) =>
      tasks.filter((task) => done.has(task)).map((task) => task.result()).join(
        "",
      );
    let [done] = yield wait(tasks, { returnWhen: "FIRST_COMPLETED" });
    log(`done ${names(done)}`);
    [done] = yield wait(tasks);
    log(`done ${names(done)}`);
  },
);

follows(
  "wait for all ends at its timeout",
  "a | 1 done 2 pending at 2 | b | c | 3 done 0 pending at 3",
  function* (log, kind) {
    const loop = getRunningLoop();
    const worker = inKind(kind, function* worker(name: string, delay: number) {
      yield sleep(delay);
      log(name);
    });
    const tasks = [worker("a", 1), worker("b", 2), worker("c", 3)]
      .map((coro) => createTask(coro));
    const tell = ([done, pending]: Set<unknown>[]) =>
      log(`${done.size} done ${pending.size} pending at ${loop.time()}`);
    tell(yield wait(tasks, { timeout: 2 }));
    tell(yield wait(tasks, { returnWhen: "FIRST_EXCEPTION" }));
  },
);

follows(
  "a waiting task is cancelled",
  "wait | before | cancelled | finally | after | done True | main",
  function* (log, kind) {
    const loop = getRunningLoop();
    const future = loop.createFuture<void>();
    const task = createTask(
      inKind(kind, function* victim() {
        log("wait");
        try {
          yield future;
        } catch (error) {
          log("cancelled");
          throw error;
        } finally {
          log("finally");
        }
      })(),
    );
    task.addDoneCallback(() => log(`done ${flag(task.cancelled())}`));
    yield sleep(0);
    loop.callSoon(log, "before");
    task.cancel();
    loop.callSoon(log, "after");
    try {
      yield task;
    } catch {
      log("main");
    }
  },
);

follows(
  "a task is cancelled before its first step",
  "True | soon | main0 | done True | main1 | other | main2",
  function* (log, kind) {
    const task = createTask(
      inKind(kind, function* victim() {
        log("never");
      })(),
    );
    task.addDoneCallback(() => log(`done ${flag(task.cancelled())}`));
    createTask(sleep(0)).addDoneCallback(() => log("other"));
    getRunningLoop().callSoon(log, "soon");
    log(task.cancel());
    for (let i = 0; i < 3; i++) {
      yield sleep(0);
      log(`main${i}`);
    }
  },
);

follows(
  "a cancellation reaches the end of a chain of tasks",
  "turn0 | inner | turn1 | middle | turn2 | outer | turn3 | turn4 | True True True",
  function* (log, kind) {
    const link = inKind(kind, function* link(
      name: string,
      next: Task<void> | null,
    ) {
      try {
        yield next ?? sleep(10);
      } catch (error) {
        log(name);
        throw error;
      }
    });
    const one = createTask(link("inner", null));
    const two = createTask(link("middle", one));
    const three = createTask(link("outer", two));
    yield sleep(0);
    three.cancel();
    yield clockOf(log, kind)(5);
    log(
      [one, two, three].map((task) => flag(task.cancelled())).join(" "),
    );
  },
);

follows(
  "a cancelled task waits in its cleanup",
  "main0 | cleanup0 | main1 | cleanup1 | main2 | cleanup2 | main3 | main4 | True",
  function* (log, kind) {
    const task = createTask(
      inKind(kind, function* victim() {
        try {
          yield sleep(10);
        } finally {
          for (let i = 0; i < 3; i++) {
            log(`cleanup${i}`);
            yield sleep(0);
          }
        }
      })(),
    );
    yield sleep(0);
    task.cancel();
    for (let i = 0; i < 5; i++) {
      log(`main${i}`);
      yield sleep(0);
    }
    log(task.cancelled());
  },
);

follows(
  "a cancellation takes precedence over a result in the same turn",
  "both | cancelled | went on | False 1",
  function* (log, kind) {
    const future = getRunningLoop().createFuture<string>();
    const task = createTask(
      inKind(kind, function* victim() {
        try {
          log(yield future);
        } catch {
          log("cancelled");
          yield sleep(0);
          log("went on");
        }
      })(),
    );
    yield sleep(0);
    future.setResult("result");
    task.cancel();
    log("both");
    yield task;
    log(`${flag(task.cancelled())} ${task.cancelling()}`);
  },
);

follows(
  "sleep(0) and callLater(0) take one turn each",
  "soon | main0 | negative | later1 | later2 | a | main1 | main2",
  function* (log, kind) {
    const loop = getRunningLoop();
    const sleeper = inKind(kind, function* sleeper(name: string) {
      yield sleep(0);
      log(name);
    });
    loop.callLater(0, log, "later1");
    createTask(sleeper("a"));
    loop.callSoon(log, "soon");
    loop.callLater(0, log, "later2");
    loop.callLater(-1, log, "negative");
    for (let i = 0; i < 3; i++) {
      yield sleep(0);
      log(`main${i}`);
    }
  },
);

follows(
  "timers run by deadline, and equal deadlines in order of creation",
  "z | a | b | b2 | m | c | d | e | at | main | end",
  function* (log) {
    const loop = getRunningLoop();
    const timers: [delay: number, name: string][] = [
      [2, "c"],
      [1, "a"],
      [2, "d"],
      [1, "b"],
      [0.5, "z"],
      [2, "e"],
      [1.5, "m"],
      [1, "b2"],
    ];
    for (const [delay, name] of timers) loop.callLater(delay, log, name);
    loop.callLater(1, log, "cancelled").cancel();
    loop.callAt(2, log, "at");
    yield sleep(2);
    log("main");
    yield sleep(0);
    log("end");
  },
);

follows(
  "due timers are queued after callbacks that are ready",
  "tick0 | tick1 | tick2 | soon0 | soon1 | soon2 | sleeper1 | sleeper2 | sleeper1 end | sleeper2 end",
  function* (log, kind) {
    const loop = getRunningLoop();
    for (let i = 0; i < 3; i++) {
      loop.callLater(1, () => {
        log(`tick${i}`);
        loop.callSoon(log, `soon${i}`);
      });
    }
    const sleeper = inKind(kind, function* sleeper(n: number) {
      yield sleep(1);
      log(`sleeper${n}`);
      yield sleep(0);
      log(`sleeper${n} end`);
    });
    yield gather(sleeper(1), sleeper(2));
  },
);

follows(
  "a failing task calls callbacks and wakes waiters in order",
  "cb1 | a x | b x | cb2 x",
  function* (log, kind) {
    const task = createTask(
      inKind(kind, function* bad() {
        yield sleep(0);
        throw new Error("x");
      })(),
    );
    const waiter = inKind(kind, function* waiter(name: string) {
      try {
        yield task;
      } catch (error) {
        log(`${name} ${(error as Error).message}`);
      }
    });
    task.addDoneCallback(() => log("cb1"));
    const waiters = [createTask(waiter("a")), createTask(waiter("b"))];
    yield sleep(0);
    task.addDoneCallback((task) =>
      log(`cb2 ${(task.exception() as Error).message}`)
    );
    yield gather(waiters);
  },
);

follows(
  "two tasks wake each other through futures in turn",
  "ping0 | pong1 | turn0 | ping2 | turn1 | pong3 | turn2 | ping4 | turn3 | pong5 | turn4 | turn5 | turn6",
  function* (log, kind) {
    const loop = getRunningLoop();
    const futures = Array.from(
      { length: 6 },
      (): Future<void> => loop.createFuture(),
    );
    const player = inKind(kind, function* player(name: string, me: number) {
      for (let i = me; i < futures.length; i += 2) {
        if (i > 0) yield futures[i - 1];
        log(`${name}${i}`);
        futures[i].setResult();
      }
    });
    yield gather(player("ping", 0), player("pong", 1), clockOf(log, kind)(7));
  },
);

follows(
  "tasks created by tasks and by callbacks start in order",
  "main | made a | main0 | cb | a | made b | main1 | /cb | /a | b | main2 | /b | main3",
  function* (log, kind) {
    const loop = getRunningLoop();
    const worker = inKind(kind, function* worker(name: string) {
      log(name);
      yield sleep(0);
      log(`/${name}`);
    });
    const maker = inKind(kind, function* maker() {
      createTask(worker("a"));
      log("made a");
      yield sleep(0);
      createTask(worker("b"));
      log("made b");
    });
    loop.callSoon(() => createTask(worker("cb")));
    createTask(maker());
    log("main");
    for (let i = 0; i < 4; i++) {
      yield sleep(0);
      log(`main${i}`);
    }
  },
);

follows(
  "a callback can cancel later handles of the same turn",
  "first | third | main | end",
  function* (log) {
    const loop = getRunningLoop();
    loop.callSoon(() => {
      log("first");
      second.cancel();
      timer.cancel();
    });
    const second = loop.callSoon(log, "second");
    loop.callSoon(log, "third");
    const timer = loop.callLater(0, log, "timer");
    yield sleep(0);
    log("main");
    yield sleep(0);
    log("end");
  },
);

follows(
  "awaiting a coroutine takes no turn of its own",
  "turn0 | 10 | turn1 | 0 | turn2 | turn3 | turn4",
  function* (log, kind) {
    const clock = createTask(clockOf(log, kind)(5));
    const deep: (n: number) => Coroutine<number> = inKind(
      kind,
      function* deeper(n: number): Script<number> {
        if (n > 0) return (yield deep(n - 1)) + 1;
        yield sleep(0);
        return 0;
      },
    );
    log(yield deep(10));
    log(yield deep(0));
    yield clock;
  },
);

follows(
  "uncancel takes back a request before it is thrown",
  "0 | 1 | step | slept | False True",
  function* (log, kind) {
    const victim = inKind(kind, function* victim() {
      log("step");
      try {
        yield sleep(0);
        log("slept");
      } catch {
        log("cancelled");
      }
    });
    const one = createTask(victim());
    one.cancel();
    log(one.uncancel());
    const two = createTask(victim());
    two.cancel();
    two.cancel();
    log(two.uncancel());
    for (let i = 0; i < 3; i++) yield sleep(0);
    log(`${flag(one.cancelled())} ${flag(two.cancelled())}`);
  },
);

follows(
  "a task that cancels itself is cancelled at its next wait",
  "still here | done 1 | main0 | at sleep 0 | main1 | at sleep 5 | main2 | main3 | main4 | True 3",
  function* (log, kind) {
    const task = createTask(
      inKind(kind, function* victim() {
        currentTask()!.cancel();
        log("still here");
        const future = getRunningLoop().createFuture<number>();
        future.setResult(1);
        log(`done ${yield future}`);
        try {
          yield sleep(0);
        } catch {
          log("at sleep 0");
        }
        currentTask()!.cancel();
        try {
          yield sleep(5);
        } catch {
          log("at sleep 5");
        }
        currentTask()!.cancel();
      })(),
    );
    for (let i = 0; i < 5; i++) {
      yield sleep(0);
      log(`main${i}`);
    }
    log(`${flag(task.cancelled())} ${task.cancelling()}`);
  },
);

follows(
  "a cancelled gather calls its done callbacks after its children end",
  "True | a cancelled | a finally | b cancelled | b finally | gather False | main",
  function* (log, kind) {
    const child = inKind(kind, function* child(name: string) {
      try {
        yield sleep(9);
      } catch (error) {
        log(`${name} cancelled`);
        throw error;
      } finally {
        log(`${name} finally`);
      }
    });
    const gathering = gather(child("a"), child("b"));
    gathering.addDoneCallback((gathering) =>
      log(`gather ${flag(gathering.cancelled())}`)
    );
    yield sleep(0);
    log(gathering.cancel());
    try {
      yield gathering;
    } catch (error) {
      if (error instanceof CancelledError) log("main");
    }
  },
);

follows(
  "the loop stops at the end of the turn",
  "main | soon | late",
  function* (log) {
    const loop = getRunningLoop();
    loop.callSoon(log, "soon");
    loop.callSoon(() => {
      log("late");
      loop.callSoon(log, "never");
    });
    log("main");
  },
);

// Runs programs in the generator style.
import {
  coroutine,
  createTask,
  currentTask,
  gather,
  shield,
  sleep,
  type TaskGroup,
  taskGroup,
  timeout,
  wait,
  waitFor,
} from "@asyncio/asyncio";
import type { Op, Program, Simple } from "./program.ts";
import {
  type Actor,
  nameOf,
  type Remarks,
  traceOf,
  withResource,
  type World,
} from "./world.ts";

/** A coroutine that runs a body in the current task. */
const work = coroutine(function* (world: World, me: Actor, body: Op[]) {
  world.begin(me);
  try {
    yield* performAll(world, me, body);
    world.log(me, "ends");
    return me.name;
  } catch (error) {
    world.log(me, "throws", error);
    throw error;
  }
});

/** The same, but suspended first, so that an eager task starts out pending. */
const workLater = coroutine(function* (world: World, me: Actor, body: Op[]) {
  world.log(me, "starts eagerly");
  yield* sleep(0);
  return yield* work(world, me, body);
});

function* performAll(
  world: World,
  me: Actor,
  body: Op[],
): Generator<unknown, void, unknown> {
  for (const op of body) yield* perform(world, me, op);
}

function* perform(
  world: World,
  me: Actor,
  op: Op,
): Generator<unknown, void, unknown> {
  const { loop } = world;
  const start = (body: Op[]) => work(world, world.actor(me.rank), body);
  const startSpawned = (body: Op[]) =>
    work(world, world.actor(world.spawned.length), body);
  switch (op.op) {
    case "log":
      world.log(me, op.text);
      break;
    case "raise":
      throw new RangeError(op.text);
    case "callSoon":
      loop.callSoon(() => world.log(me, "soon", op.text));
      break;
    case "callLater":
      loop.callLater(op.seconds, () => world.log(me, "later", op.text));
      break;
    case "sleep":
      yield* sleep(op.seconds);
      world.log(me, "slept");
      break;
    case "call":
      world.log(me, "called", yield* start(op.body));
      break;
    case "shield":
      world.log(me, "shielded", yield* shield(start(op.body)));
      break;
    case "spawn": {
      const { length } = world.spawned;
      world.spawned.push(
        op.eager
          ? createTask(workLater(world, world.actor(length), op.body), {
            eagerStart: true,
          })
          : createTask(startSpawned(op.body)),
      );
      break;
    }
    case "join": {
      const task = world.task(op.task);
      if (task !== null && world.spawned.indexOf(task) > me.rank) {
        world.log(me, "joined", yield* task);
      }
      break;
    }
    case "cancel":
      world.log(me, "cancels", world.task(op.task)?.cancel(op.text));
      break;
    case "cancelSelf":
      currentTask()!.cancel(op.text);
      break;
    case "cancelLater": {
      const task = currentTask()!;
      loop.callLater(op.seconds, () => {
        world.log(me, "is to be cancelled", task.cancel(op.text));
      });
      break;
    }
    case "uncancel":
      world.uncancel();
      break;
    case "cancelling":
      world.log(me, "cancelling", `${currentTask()!.cancelling()}`);
      break;
    case "try":
      try {
        yield* performAll(world, me, op.body);
      } catch (error) {
        world.log(me, "catches", error);
        yield* performAll(world, me, op.handler);
        if (op.rethrow) throw error;
      } finally {
        yield* performAll(world, me, op.cleanup);
      }
      break;
    case "gather": {
      const results = yield* gather(op.bodies.map(start), {
        returnExceptions: op.returnExceptions,
      });
      // CPython loses the messages of cancellations among the results.
      world.log(me, "gathered", results.map(nameOf));
      break;
    }
    case "wait": {
      const tasks = op.bodies.map((body) => createTask(start(body)));
      const [done] = yield* wait(tasks, {
        returnWhen: op.when,
        timeout: op.seconds,
      });
      world.log(me, "waited", tasks.map((task) => done.has(task)));
      break;
    }
    case "waitFor": {
      yield* letCancellationIn();
      using _ = world.enterTimeout();
      world.log(me, "waited", yield* waitFor(start(op.body), op.seconds));
      break;
    }
    case "timeout": {
      yield* letCancellationIn();
      using _ = world.enterTimeout();
      yield* timeout(op.seconds, function* () {
        yield* performAll(world, me, op.body);
      });
      world.log(me, "in time");
      break;
    }
    case "group":
      yield* letCancellationIn();
      if (!op.forgetsInside) forgetCancellations(world);
      yield* taskGroup(function* (group: TaskGroup) {
        if (op.forgetsInside) forgetCancellations(world);
        for (const body of op.bodies) {
          world.spawned.push(group.createTask(startSpawned(body)));
        }
        yield* performAll(world, me, op.body);
      });
      world.log(me, "leaves the group");
      break;
    case "resource":
      yield* withResource(
        coroutine(function* () {
          yield* performAll(world, me, op.body);
        }),
        coroutine(function* () {
          yield* performAll(world, me, op.cleanup);
        }),
      );
      world.log(me, "disposed");
      break;
    case "lock": {
      using _ = yield* world.locks[op.index].acquire();
      world.log(me, "locks", op.index);
      yield* performAll(world, me, op.body);
      break;
    }
    case "semaphore": {
      using _ = yield* world.semaphores[op.index].acquire();
      world.log(me, "is let in", op.index);
      yield* performAll(world, me, op.body);
      break;
    }
    default:
      yield* performSimple(world, me, op);
  }
}

/** CPython loses a cancellation that is still pending: see DIFFERENCES.md. */
function* letCancellationIn(): Generator<unknown, void, unknown> {
  if (currentTask()!.cancelling() > 0) yield* sleep(0);
}

/** CPython's group repeats a caught cancellation: see DIFFERENCES.md. */
function forgetCancellations(world: World): void {
  while (currentTask()!.cancelling() > 0) world.uncancel();
}

function* performSimple(
  world: World,
  me: Actor,
  { op, index, text }: { op: Simple; index: number; text: string },
): Generator<unknown, void, unknown> {
  const future = world.futures[index];
  const event = world.events[index];
  const condition = world.conditions[index];
  const queue = world.queues[index];
  switch (op) {
    case "awaitFuture":
      world.log(me, "got", yield* future);
      break;
    case "setResult":
      future.setResult(text);
      break;
    case "setError":
      future.setException(new RangeError(text));
      break;
    case "cancelFuture":
      future.cancel(text);
      break;
    case "waitEvent":
      world.log(me, "event", yield* event.wait());
      break;
    case "setEvent":
      event.set();
      break;
    case "clearEvent":
      event.clear();
      break;
    case "waitCondition": {
      using _ = yield* condition.acquire();
      world.log(me, "condition", yield* condition.wait());
      break;
    }
    case "notify": {
      using _ = yield* condition.acquire();
      condition.notify();
      break;
    }
    case "waitBarrier":
      world.log(me, "barrier", yield* world.barriers[index].wait());
      break;
    case "put":
      yield* queue.put(text);
      world.log(me, "put", text);
      break;
    case "get":
      world.log(me, "got", yield* queue.get());
      break;
    case "putNowait":
      queue.putNowait(text);
      break;
    case "getNowait":
      world.log(me, "got", queue.getNowait());
      break;
    case "shutdown":
      queue.shutdown();
  }
}

/** Runs a program, and waits for all tasks that it starts. */
export const main = coroutine(function* (world: World, program: Program) {
  createTask(work(world, { name: "main", rank: -1 }, program));
  for (;;) {
    // Lets the tasks that were just created begin.
    for (let turn = 0; turn < 3; turn++) yield* sleep(0);
    const pending = world.pending();
    if (pending.length === 0) break;
    for (const task of pending) yield* wait([task]);
  }
});

/** Runs a program and returns its trace, one event a line. */
export function trace(program: Program, remarks?: Remarks): Promise<string> {
  return traceOf(program, main, remarks);
}

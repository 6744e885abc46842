import {
  allTasks,
  Barrier,
  CancelledError,
  Condition,
  createTask,
  Event,
  EventLoop,
  LifoQueue,
  Lock,
  PriorityQueue,
  Queue,
  Semaphore,
  sleep,
  type Task,
} from "@asyncio/asyncio";
import { inKind, type Kind, type Script } from "./_helpers.ts";

/** The arguments with which the objects of a program are created. */
export interface Settings {
  /** The permits of the semaphore, 1 by default. */
  S?: number;
  /** The parties of the barrier, 2 by default. */
  B?: number;
  /** The maximum size of the queue, none by default. */
  Q?: number;
  /** The kind of queue, first in, first out by default. */
  kind?: "lifo" | "priority";
  /** Whether the condition shares the lock. */
  shared?: boolean;
}

/** For how many turns a program runs. */
const TURNS = 60;

/** How often a task that is left then is cancelled before giving up. */
const MAX_CANCELS = 100;

function pythonText(value: unknown): string {
  if (value === true) return "=True";
  if (value === false) return "=False";
  return value === undefined ? "" : `=${value}`;
}

/**
 * Runs a program of several tasks and returns its transcript, for comparison
 * with that of another implementation of asyncio.
 *
 * A task is a line of operations, preceded by `^` if it continues when it is
 * cancelled. An operation is `.`, skip a turn; `xN`, cancel task N; or the
 * initial of an object (Lock, Semaphore, Event, Condition, Barrier, Queue) and
 * an action: `+` acquire, `-` release, `?` wait, `!` set or notify, `*`
 * notifyAll, `0` clear, `r` reset, `a` abort, `g` get, `G` getNowait, `pN` put,
 * `PN` putNowait, `j` join, `d` taskDone, `x` shutdown, `X` immediate shutdown.
 *
 * The text of the objects is added to the transcript whenever it has changed
 * after a turn, and at the end. The line before it has the outcomes of all
 * operations that ended since the last one.
 */
export async function transcript(
  kind: Kind,
  programs: string[],
  settings: Settings = {},
): Promise<string[]> {
  const lines: string[] = [];
  const log: string[] = [];
  const tasks: Task<unknown>[] = [];
  const lock = new Lock();
  const semaphore = new Semaphore(settings.S);
  const event = new Event();
  const condition = settings.shared ? new Condition(lock) : new Condition();
  const barrier = new Barrier(settings.B ?? 2);
  const queue = settings.kind === "lifo"
    ? new LifoQueue<number>(settings.Q)
    : settings.kind === "priority"
    ? new PriorityQueue<number>(settings.Q)
    : new Queue<number>(settings.Q);
  const lockable: Record<string, Lock | Semaphore | Condition> = {
    L: lock,
    S: semaphore,
    C: condition,
  };
  const objects: Record<string, object> = {
    L: lock,
    S: semaphore,
    E: event,
    C: condition,
    B: barrier,
    Q: queue,
  };

  function* acquire(name: string): Script<void> {
    yield lockable[name].acquire();
  }

  function* perform(operation: string): Script<unknown> {
    const [name, action] = operation;
    const number = Number(operation.slice(name === "x" ? 1 : 2));
    if (name === ".") return yield sleep(0);
    if (name === "x") return tasks[number].cancel();
    if (action === "+") return yield* acquire(name);
    if (action === "-") return lockable[name].release();
    switch (name + action) {
      case "E?":
        return yield event.wait();
      case "E!":
        return event.set();
      case "E0":
        return event.clear();
      case "C?":
        return yield condition.wait();
      case "C!":
        return condition.notify();
      case "C*":
        return condition.notifyAll();
      case "B?":
        return yield barrier.wait();
      case "Br":
        return yield barrier.reset();
      case "Ba":
        return yield barrier.abort();
      case "Qg":
        return yield queue.get();
      case "QG":
        return queue.getNowait();
      case "Qp":
        return yield queue.put(number);
      case "QP":
        return queue.putNowait(number);
      case "Qj":
        return yield queue.join();
      case "Qd":
        return queue.taskDone();
      case "Qx":
        return queue.shutdown();
      case "QX":
        return queue.shutdown(true);
    }
    throw new Error(`no such operation: ${operation}`);
  }

  const worker = inKind(kind, function* worker(index: number): Script<void> {
    const program = programs[index];
    const stubborn = program.startsWith("^");
    for (const operation of program.replace("^", "").split(" ")) {
      try {
        const result = yield* perform(operation);
        log.push(`${index}${operation}${pythonText(result)}`);
      } catch (error) {
        if (error instanceof CancelledError) {
          log.push(`${index}${operation}~`);
          if (!stubborn) throw error;
        } else {
          log.push(`${index}${operation}:${(error as Error).name}`);
        }
      }
    }
    log.push(`${index}end`);
  });

  const used = Object.keys(objects)
    .filter((name) => programs.some((program) => program.includes(name)));
  const state = () => used.map((name) => String(objects[name])).join(" ");

  function endLine(text: string): void {
    if (log.length > 0) lines.push(log.splice(0).join(" | "));
    lines.push(text);
  }

  const loop = new EventLoop();
  await loop.runUntilComplete(async function main() {
    for (let i = 0; i < programs.length; i++) tasks.push(createTask(worker(i)));
    let last = "";
    for (let i = 0; i < TURNS; i++) {
      await sleep(0);
      const now = state();
      if (now !== last) endLine(now);
      last = now;
    }
    for (const task of tasks) task.cancel();
    for (const task of tasks) {
      for (let i = 0; !task.done() && i < MAX_CANCELS; i++) {
        // A task that waits for a condition has to acquire its lock first.
        for (const held of [lock, condition]) if (held.locked()) held.release();
        task.cancel();
        await sleep(0);
      }
    }
    endLine(state());
  });
  if (allTasks(loop).size > 0) throw new Error("tasks were left");
  loop.close();
  return lines;
}

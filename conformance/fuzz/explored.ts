// Runs random programs under many schedules, and checks what holds under each:
// nothing is lost, lines are first come, first served, and nothing has more
// holders than it may have.
//
//   deno run conformance/fuzz/explored.ts --seed 1 --programs 2000 --schedules 50

import { parseArgs } from "node:util";
import {
  allTasks,
  type Coroutine,
  coroutine,
  createTask,
  currentTask,
  getRunningLoop,
  Lock,
  Queue,
  Semaphore,
  sleep,
  wait,
} from "@asyncio/asyncio";
import {
  type ExplorationLevel,
  type ExplorationReport,
  explore,
} from "@asyncio/asyncio/testing";
import { main as mainOfAsync } from "./interpreter.async.ts";
import { main as mainOfGenerator } from "./interpreter.ts";
import { CAPACITY, type Program, programsOf } from "./program.ts";
import { type Makers, World } from "./world.ts";

/** What the programs are about, in turn. */
export const EXPLORED = ["general", "scopes", "lines"] as const;

/** After so many seconds, no timer of a program is left. */
const LAST_TIMER = 10;

/**
 * Notes what is wrong. What is thrown into a program would be an error like any
 * other there.
 */
class Audit {
  #violation: string | null = null;

  note(violation: string): void {
    this.#violation ??= violation;
  }

  /** The program is over. */
  check(): void {
    if (this.#violation !== null) throw new Error(this.#violation);
  }
}

/** Those who wait for something, and those who hold it. */
class Line extends Audit {
  readonly #limit: number;
  readonly #isOrdered: boolean;
  #joined = 0;
  #waiting = 0;
  /** Who was let in last, by the number in the line. */
  #last = -1;
  #holders = 0;

  constructor(limit: number, isOrdered: boolean) {
    super();
    this.#limit = limit;
    this.#isOrdered = isOrdered;
  }

  /** Returns the number in the line. */
  join(): number {
    this.#waiting++;
    return this.#joined++;
  }

  enter(number: number): void {
    // Whoever is cancelled gives up the place, and is never let in.
    if (this.#isOrdered && number < this.#last) {
      this.note("a later one in the line was let in first");
    }
    this.#last = number;
    if (++this.#holders > this.#limit) {
      this.note(`${this.#holders} hold what ${this.#limit} may hold`);
    }
  }

  leave(): void {
    this.#waiting--;
  }

  release(): void {
    this.#holders--;
  }

  override check(): void {
    if (this.#waiting > 0 || this.#holders > 0) {
      this.note(`${this.#waiting} wait and ${this.#holders} hold at the end`);
    }
    super.check();
  }
}

const acquire = coroutine(function* (
  line: Line,
  coro: Coroutine<Disposable>,
) {
  const number = line.join();
  try {
    const guard = yield* coro;
    line.enter(number);
    return guard;
  } finally {
    line.leave();
  }
});

class AuditedLock extends Lock {
  readonly line: Line = new Line(1, true);

  override acquire() {
    return acquire(this.line, super.acquire());
  }

  override release(): void {
    super.release();
    this.line.release();
  }
}

class AuditedSemaphore extends Semaphore {
  readonly line: Line;

  /** @param isOrdered Whether those who are let in together go on in order. */
  constructor(isOrdered: boolean) {
    super(CAPACITY);
    this.line = new Line(CAPACITY, isOrdered);
  }

  override acquire() {
    return acquire(this.line, super.acquire());
  }

  override release(): void {
    super.release();
    this.line.release();
  }
}

class AuditedQueue extends Queue<string> {
  readonly #audit: Audit = new Audit();
  readonly #items: string[] = [];

  override putNowait(item: string): void {
    super.putNowait(item);
    this.#items.push(item);
  }

  override getNowait(): string {
    const item = super.getNowait();
    const expected = this.#items.shift();
    if (item !== expected) this.#audit.note(`${item} before ${expected}`);
    return item;
  }

  check(): void {
    const { length } = this.#items;
    if (this.qsize() !== length) {
      this.#audit.note(`${this.qsize()} of ${length} items are left`);
    }
    this.#audit.check();
  }
}

/** The interpreters of both kinds of coroutine. */
export const STYLES = { generator: mainOfGenerator, async: mainOfAsync };

/** The body that explores a program. */
export function bodyOf(
  program: Program,
  style: keyof typeof STYLES,
  level: ExplorationLevel,
): () => Promise<void> {
  return async function body() {
    const audits: { check(): void }[] = [];
    const audited = <T extends { check(): void }>(audit: T): T => {
      audits.push(audit);
      return audit;
    };
    const makers: Makers = {
      lock() {
        const lock = new AuditedLock();
        audited(lock.line);
        return lock;
      },
      semaphore() {
        const semaphore = new AuditedSemaphore(level === "timing");
        audited(semaphore.line);
        return semaphore;
      },
      queue: () => audited(new AuditedQueue(CAPACITY)),
    };
    const loop = getRunningLoop();
    loop.setExceptionHandler(() => {}); // programs do not look at all failures
    const remarks = { mayLoseInPython: false };
    const world = new World(program, remarks, loop, makers);
    await STYLES[style](world, program);
    for (;;) {
      const others = allTasks().difference(new Set([currentTask()!]));
      if (others.size === 0) break;
      await wait(others);
    }
    world.end();
    await sleep(LAST_TIMER);
    for (const audit of audits) audit.check();
    const open = [...world.begun.keys()].filter((task) => !task.done());
    if (open.length > 0) throw new Error(`left: ${open.join()}`);
  };
}

/**
 * The trace of a program under the first schedule, in which nothing is varied, and
 * a few events more: it does not stop when the program is over.
 */
export async function firstTrace(
  program: Program,
  style: keyof typeof STYLES,
): Promise<string> {
  let trace = "";
  await explore(async () => {
    const loop = getRunningLoop();
    loop.setExceptionHandler(() => {});
    const world = new World(program, { mayLoseInPython: false }, loop);
    await createTask(STYLES[style](world, program));
    await sleep(0);
    trace = world.trace.join("\n");
    world.end();
    await sleep(LAST_TIMER);
  }, { runs: 1 });
  return trace;
}

/** Runs a program under some schedules of each level. */
export async function explored(
  program: Program,
  style: keyof typeof STYLES,
  seed: number,
  schedules: number,
): Promise<ExplorationReport[]> {
  const reports: ExplorationReport[] = [];
  const halves = [Math.ceil(schedules / 2), Math.floor(schedules / 2)];
  for (const [index, level] of (["timing", "turns"] as const).entries()) {
    const runs = halves[index];
    if (runs === 0) continue;
    reports.push(
      await explore(bodyOf(program, style, level), { runs, seed, level }),
    );
  }
  return reports;
}

if (import.meta.main) {
  const { values: options } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      programs: { type: "string", default: "2000" },
      schedules: { type: "string", default: "50" },
    },
  });
  const seed = Number(options.seed);
  const total = Number(options.programs);
  let runs = 0;
  let different = 0;
  let choices = 0;
  let failures = 0;
  const start = performance.now();
  for (const [subjectIndex, subject] of EXPLORED.entries()) {
    const count = Math.ceil((total - subjectIndex) / EXPLORED.length);
    for (
      const [number, program] of programsOf(subject, seed, count).entries()
    ) {
      const style = number % 2 === 0 ? "generator" : "async";
      try {
        const reports = await explored(
          program,
          style,
          seed,
          Number(options.schedules),
        );
        for (const report of reports) {
          runs += report.runs;
          different += report.schedules;
          choices = Math.max(choices, report.choices);
        }
      } catch (error) {
        failures++;
        console.log(`=== ${subject} program ${number}, ${style}\n${error}\n`);
      }
    }
  }
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${total} programs of seed ${seed}: ${runs} runs of ${different} schedules with up to ${choices} choices, ${failures} failures, ${
      seconds.toFixed(0)
    } s`,
  );
  if (failures > 0) Deno.exitCode = 1;
}

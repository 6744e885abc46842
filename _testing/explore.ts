// Copyright 2026 the asyncio authors. MIT license.

import { requireBody } from "../_core/definition.ts";
import { requireCount } from "../_util/checks.ts";
import { requireOptions } from "../_util/options.ts";
import { valueText } from "../_util/repr.ts";
import type { CoroutineBody } from "../coroutine.ts";
import { TimeoutError } from "../errors.ts";
import {
  type ChoiceKind,
  Choices,
  type Decide,
  type ExplorationLevel,
  LEVELS,
  parseSchedule,
  randomNumbers,
  randomSchedule,
  Replay,
  type Schedule,
  scheduleText,
} from "./choices.ts";
import { ScheduleDirector } from "./director.ts";
import { ExplorationError } from "./errors.ts";
import { Narrator } from "./narrator.ts";
import { DEFAULT_TIMEOUT, requireNoLoop } from "./run_test.ts";
import { outcomeOf, runBody } from "./test_run.ts";
import { VirtualClock } from "./virtual_clock.ts";
import { briefly } from "./words.ts";

/**
 * Options for {@linkcode explore}.
 *
 * @category Testing
 */
export interface ExploreOptions {
  /**
   * How many schedules are tried. The first is that of CPython.
   *
   * @default {100}
   */
  runs?: number;
  /**
   * Which schedules are tried: a whole number of 0 or more. The same seed tries
   * the same ones.
   *
   * @default {1}
   */
  seed?: number;
  /**
   * What may differ from one schedule to the next.
   *
   * - `"timing"`: what latency can change. Timers that are due within a
   *   millisecond run in any order, or up to 3 turns late; what is done outside
   *   the loop arrives up to 3 turns later. No order that asyncio promises is
   *   broken.
   * - `"turns"`: also, a few steps of tasks come later than they could, by up to
   *   3 turns, or when nothing else is ready. Callbacks keep their order. A
   *   program that is right under this needs no assumption on how many turns
   *   anything takes.
   *
   * @default {"timing"}
   */
  level?: ExplorationLevel;
  /**
   * Runs this one schedule: the `replay` of an {@linkcode ExplorationError}.
   *
   * @default {undefined, many schedules}
   */
  replay?: string;
}

const EXPLORE_OPTIONS: readonly string[] = ["runs", "seed", "level", "replay"];

const DEFAULT_RUNS = 100;
const DEFAULT_SEED = 1;

/** How many schedules are tried at most to find a shorter one. */
const MAX_SHRINKING = 500;

/**
 * What {@linkcode explore} has tried.
 *
 * @category Testing
 */
export interface ExplorationReport {
  /** How often the body was run. */
  readonly runs: number;
  /** How many different schedules that were. */
  readonly schedules: number;
  /** How many choices the longest run had. */
  readonly choices: number;
  /**
   * How many steps have ended in a native promise, in all runs. When such a
   * promise settles is not under control: as long as this is 0, a schedule can
   * be repeated exactly.
   */
  readonly nativePromises: number;
}

/** What one run has shown. */
interface Trial {
  readonly choices: Choices;
  readonly native: number;
  readonly failure: { readonly error: unknown } | null;
  /** Whether it was given up because it took too long. */
  readonly isExpired: boolean;
  readonly story: readonly string[];
}

class Exploration {
  readonly #body: CoroutineBody<unknown>;
  #runs = 0;
  #native = 0;
  #longest = 0;
  readonly #schedules = new Set<string>();

  constructor(body: CoroutineBody<unknown>) {
    this.#body = body;
  }

  get report(): ExplorationReport {
    return {
      runs: this.#runs,
      schedules: this.#schedules.size,
      choices: this.#longest,
      nativePromises: this.#native,
    };
  }

  /** @param isTold Whether to tell what happens. */
  async try(decide: Decide, isTold: boolean): Promise<Trial> {
    const choices = new Choices(decide);
    let director = null as ScheduleDirector | null;
    let narrator = null as Narrator | null;
    let failure: Trial["failure"] = null;
    let isExpired = false;
    try {
      const end = await runBody(this.#body, {
        callee: explore,
        clock: new VirtualClock(),
        deadlock: true,
        leaks: true,
        isTold,
        timeout: DEFAULT_TIMEOUT,
        prepare(loop) {
          const engine = loop.$engineOf;
          narrator = isTold ? new Narrator(loop) : null;
          if (narrator !== null) engine.addInstrument(narrator);
          const remark = narrator === null ? null : narrator.remark;
          director = new ScheduleDirector(engine, choices, remark);
          engine.director = director;
        },
        over: () => narrator?.stop(),
      });
      isExpired = end.verdict instanceof TimeoutError;
      outcomeOf(end);
    } catch (error) {
      failure = { error };
    }
    const native = director?.native ?? 0;
    this.#runs++;
    this.#native += native;
    this.#longest = Math.max(this.#longest, choices.count);
    this.#schedules.add(scheduleText(choices.made));
    const story = narrator?.lines ?? [];
    return { choices, native, failure, isExpired, story };
  }

  /** Makes a schedule that fails shorter: fewer and smaller choices. */
  async shrink(schedule: Schedule, error: unknown): Promise<Schedule> {
    let tries = MAX_SHRINKING;
    const fails = async (candidate: Schedule): Promise<Schedule | null> => {
      if (tries-- <= 0) return null;
      const { decide } = new Replay(candidate);
      const { failure, choices, isExpired } = await this.try(decide, false);
      if (isExpired) tries = 0; // others may take as long
      // What fails otherwise may be another fault.
      return failure !== null && isAlike(failure.error, error)
        ? new Map(choices.made)
        : null;
    };
    let best = schedule;
    for (let size = Infinity; tries > 0 && sizeOf(best) < size;) {
      size = sizeOf(best);
      best = await this.#cutTail(best, fails);
      for (const index of [...best.keys()].reverse()) {
        const without = new Map(best);
        without.delete(index);
        best = await fails(without) ?? best;
      }
      for (const [index, value] of best) {
        if (value > 1) best = await fails(new Map(best).set(index, 1)) ?? best;
      }
    }
    return best;
  }

  async #cutTail(
    best: Schedule,
    fails: (candidate: Schedule) => Promise<Schedule | null>,
  ): Promise<Schedule> {
    // Halves what is left of the schedule as long as it still fails.
    let length = best.size;
    while (length > 0) {
      length = Math.floor(length / 2);
      const shorter = await fails(new Map([...best].slice(0, length)));
      if (shorter === null) break;
      best = shorter;
      length = Math.min(length, best.size);
    }
    return best;
  }
}

/** How much there is in a schedule to make smaller. */
function sizeOf(schedule: Schedule): number {
  let size = 0;
  for (const value of schedule.values()) size += 1000 + value;
  return size;
}

/** Whether two failures are of the same kind. */
function isAlike(a: unknown, b: unknown): boolean {
  if (!(a instanceof Error && b instanceof Error)) return typeof a === typeof b;
  return a.constructor === b.constructor;
}

function failureOf(
  { failure, choices, native, story }: Trial,
  how: string,
  remark: string | null = null,
): ExplorationError {
  const { error } = failure!;
  const replay = scheduleText(choices.made);
  const lines = [
    `The body fails under a schedule: ${briefly(error)}`,
    `  replay: ${JSON.stringify(replay)} (${how})`,
  ];
  if (native > 0) {
    lines.push(
      `  ${native} native promises are not under control: this may not repeat it.`,
    );
  }
  if (remark !== null) lines.push(`  ${remark}`);
  if (story.length > 0) {
    lines.push("What happens:", ...story.map((line) => `  ${line}`));
  }
  return new ExplorationError(lines.join("\n"), replay, story, {
    cause: error,
  });
}

/** Runs one schedule. */
async function replaySchedule(
  body: CoroutineBody<unknown>,
  schedule: Schedule,
): Promise<ExplorationReport> {
  const exploration = new Exploration(body);
  const replay = new Replay(schedule);
  const trial = await exploration.try(replay.decide, true);
  const misfit = replay.check(trial.choices);
  if (misfit !== null) {
    throw new Error(
      `The schedule ${
        JSON.stringify(scheduleText(schedule))
      } does not fit the program any more: the program made another number of choices (${misfit})`,
      trial.failure === null ? undefined : { cause: trial.failure.error },
    );
  }
  if (trial.failure !== null) throw failureOf(trial, "repeated");
  return exploration.report;
}

/** What is said instead of what happens, where that is not known. */
const EXPIRED =
  "It took too long to be repeated here: a replay tells what happens.";
const UNREPEATED =
  "It did not fail again under the same schedule. So it depends on something else: on state that is kept between runs, on chance, or on real time.";

/** Runs many schedules, until one fails. */
async function tryMany(
  body: CoroutineBody<unknown>,
  runs: number,
  seed: number,
  level: ExplorationLevel,
): Promise<ExplorationReport> {
  const exploration = new Exploration(body);
  const random = randomNumbers(seed);
  const counts: Record<ChoiceKind, number> = { time: 0, turn: 0 };
  for (let run = 0; run < runs; run++) {
    const decide: Decide = run === 0
      ? () => 0
      : randomSchedule(random, level, counts);
    const trial = await exploration.try(decide, false);
    const { choices, failure } = trial;
    counts.turn = Math.max(counts.turn, choices.counts.turn);
    if (failure === null) continue;
    const how = `schedule ${
      run + 1
    } of ${runs}, seed ${seed}, level "${level}"`;
    if (trial.isExpired) throw failureOf(trial, how, EXPIRED);
    const { size } = choices.made;
    const short = await exploration.shrink(choices.made, failure.error);
    const last = await exploration.try(new Replay(short).decide, true);
    if (last.failure !== null) {
      const cut = `; ${size} choices cut down to ${short.size}`;
      throw failureOf(last, short.size < size ? how + cut : how);
    }
    // What was cut off may have mattered all the same.
    const again = short.size < size
      ? await exploration.try(new Replay(choices.made).decide, true)
      : last;
    throw again.failure !== null
      ? failureOf(again, how)
      : failureOf(trial, how, UNREPEATED);
  }
  return exploration.report;
}

function requireLevel(level: unknown): void {
  if ((LEVELS as readonly unknown[]).includes(level)) return;
  throw new TypeError(
    `level must be ${
      LEVELS.map((name) => JSON.stringify(name)).join(" or ")
    }: current value is ${valueText(level)}`,
  );
}

/**
 * Runs the body of a test under many schedules, to find those under which it
 * fails.
 *
 * Each run is one of {@linkcode runTest}: in a loop of its own, in virtual time,
 * where a deadlock or something left behind is a failure. The body has to make
 * all its objects anew.
 *
 * A schedule is a list of choices. If all are zero, it is CPython's order, which
 * is tried first; then the choices are random. The first failure is made as
 * short as possible and thrown. Given its `replay`, the same happens again,
 * under any `level`, unless the body depends on something else, such as state
 * that is kept between runs. The error says so if it does not fail again.
 *
 * Native promises are not under control. They are counted: see
 * {@linkcode ExplorationReport.nativePromises}.
 *
 * @param body An `async` or generator function without arguments.
 * @param options How many schedules, which ones, or a single one.
 * @returns A promise of what was tried. It is rejected with an
 * {@linkcode ExplorationError} if the body fails; with an `Error` if `replay`
 * does not fit the program any more, or when called inside a running loop; with
 * a `TypeError` if `body` is no function, `replay` is malformed, there is no
 * such level, or an option is unknown or of the wrong type; with a `RangeError`
 * if `runs` is less than 1, or `seed` is not a whole number of 0 or more.
 *
 * @example A lost update
 * ```ts
 * import { gather, sleep } from "@asyncio/asyncio";
 * import { ExplorationError, explore } from "@asyncio/asyncio/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * async function body() {
 *   let balance = 0;
 *   async function deposit(latency: number) {
 *     const before = balance;
 *     await sleep(latency); // asks a server
 *     balance = before + 10;
 *   }
 *   await gather(
 *     () => deposit(0),
 *     () => deposit(0),
 *   );
 *   assertEquals(balance, 20);
 * }
 *
 * await assertRejects(() => explore(body), ExplorationError, "replay");
 * ```
 *
 * @category Testing
 */
export async function explore<T>(
  body: CoroutineBody<T>,
  options?: ExploreOptions,
): Promise<ExplorationReport & void> { // so that a test may return it
  requireBody("explore()", body);
  requireOptions("explore()", options, EXPLORE_OPTIONS);
  requireNoLoop("explore()");
  const { runs = DEFAULT_RUNS, seed = DEFAULT_SEED, level = "timing", replay } =
    options ?? {};
  requireCount("runs", 1, runs);
  requireCount("seed", 0, seed);
  requireLevel(level);
  const report =
    await (replay === undefined
      ? tryMany(body, runs, seed, level)
      : replaySchedule(body, parseSchedule(replay)));
  return report as ExplorationReport & void;
}

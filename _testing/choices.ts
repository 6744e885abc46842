// Copyright 2026 the asyncio authors. MIT license.

/**
 * Schedules as lists of choices, and where the choices come from.
 *
 * Invariant: what a choice of zero means never changes the order that CPython
 * has, and the number of a choice depends on the program and the choices before
 * it alone, not on the level.
 */

/** What is chosen: something of time, or when a task goes on. */
export type ChoiceKind = "time" | "turn";

/**
 * What a schedule may vary.
 *
 * @category Testing
 */
export type ExplorationLevel = "timing" | "turns";

/** All levels. */
export const LEVELS: readonly ExplorationLevel[] = ["timing", "turns"];

/** The choices that are not zero, by number. */
export type Schedule = ReadonlyMap<number, number>;

/** A number from 0 up to a limit that it does not reach. */
export type Random = (limit: number) => number;

/** Reproducible random numbers for a seed (mulberry32). */
export function randomNumbers(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) % limit;
  };
}

/** Decides a choice: returns a number below `limit`. */
export type Decide = (
  index: number,
  limit: number,
  kind: ChoiceKind,
) => number;

/** The choices of one run, as they are made. */
export class Choices {
  readonly #decide: Decide;
  /** The choices that were not zero. */
  readonly made: Map<number, number> = new Map();
  /** How many there were of each kind. */
  readonly counts: Record<ChoiceKind, number> = { time: 0, turn: 0 };

  constructor(decide: Decide) {
    this.#decide = decide;
  }

  get count(): number {
    return this.counts.time + this.counts.turn;
  }

  /** Makes the next choice, one of `limit` many. */
  next(limit: number, kind: ChoiceKind): number {
    const index = this.count;
    this.counts[kind]++;
    const value = this.#decide(index, limit, kind);
    if (value !== 0) this.made.set(index, value);
    return value;
  }
}

/** The text of a schedule, such as `3:1,17:2`. */
export function scheduleText(schedule: Schedule): string {
  return [...schedule]
    .sort(([a], [b]) => a - b)
    .map(([index, value]) => `${index}:${value}`)
    .join(",");
}

/**
 * Reads the text of a schedule.
 *
 * @throws {TypeError} If it is not the text of one.
 */
export function parseSchedule(text: unknown): Schedule {
  const schedule = new Map<number, number>();
  const refuse = () => {
    throw new TypeError(
      `Cannot replay what is not a schedule such as "3:1,17:2": current value is ${
        typeof text === "string" ? JSON.stringify(text) : String(text)
      }`,
    );
  };
  if (typeof text !== "string") refuse();
  let last = -1;
  for (const part of text === "" ? [] : (text as string).split(",")) {
    const match = /^(\d{1,15}):(\d{1,15})$/.exec(part.trim());
    if (match === null) refuse();
    const [index, value] = [Number(match![1]), Number(match![2])];
    if (index <= last || value === 0) refuse();
    schedule.set(last = index, value);
  }
  return schedule;
}

/** Repeats a schedule; a choice that does not exist is noted, and zero. */
export class Replay {
  readonly #schedule: Schedule;
  /** Why it does not fit, if it does not. */
  misfit: string | null = null;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  readonly decide: Decide = (index, limit) => {
    const value = this.#schedule.get(index) ?? 0;
    if (value < limit) return value;
    this.misfit ??=
      `choice ${index} has ${limit} alternatives, and ${value} is none`;
    return 0;
  };

  /** Compares it with what the program has done. */
  check(choices: Choices): string | null {
    const last = Math.max(-1, ...this.#schedule.keys());
    if (last >= choices.count) {
      return `there were ${choices.count}, and choice ${last} is not among them`;
    }
    return this.misfit;
  }
}

/** Chances, in one of a hundred, that a choice of time is not zero. */
const TIME_CHANCES = [3, 10, 30, 60];

/** How many steps of tasks come later in one schedule, at most. */
const MAX_DELAYS = 4;

/**
 * Makes up a schedule.
 *
 * Most faults need few steps out of order, but at the right places. So the level
 * "turns" delays a few steps, each at a random one of the places that a program
 * of this length has (as in PCT), and no other.
 *
 * @param counts How many choices the program has made so far, at most.
 */
export function randomSchedule(
  random: Random,
  level: ExplorationLevel,
  counts: Readonly<Record<ChoiceKind, number>>,
): Decide {
  const delays = new Set<number>();
  if (level === "turns" && counts.turn > 0) {
    const amount = 1 + random(MAX_DELAYS);
    for (let i = 0; i < amount; i++) delays.add(random(counts.turn));
  }
  const isCalm = level === "turns" && random(2) === 0;
  const chance = isCalm ? 0 : TIME_CHANCES[random(TIME_CHANCES.length)];
  let turns = 0;
  return (_index, limit, kind) => {
    const varies = kind === "turn"
      ? delays.has(turns++)
      : chance > 0 && random(100) < chance;
    return varies ? 1 + random(limit - 1) : 0;
  };
}

// Random programs of tasks that wait in several places at once, as data.

import { randomNumbers, THINGS } from "./program.ts";

/**
 * An operation of a program. Tasks, locks and so on go by their numbers. Some
 * operations are done by an async function or by a generator, which the async
 * functions around them call.
 */
export type Op =
  | { op: "sleep"; seconds: number; generator: boolean }
  | { op: Plain }
  | { op: "call" | "float"; body: Op[]; generator: boolean }
  | { op: "shield"; body: Op[] }
  | { op: "handler"; seconds: number; body: Op[] }
  | { op: "parts"; how: How; bodies: Op[][] }
  | { op: "gather"; bodies: Op[][] }
  | { op: "spawn"; eager: boolean; body: Op[] }
  | { op: "join" | "lookOn" | "cancel"; task: number }
  | { op: "cancelLater"; seconds: number }
  | { op: Limit; seconds: number; generator: boolean; body: Op[] }
  | { op: "group"; generator: boolean; bodies: Op[][]; body: Op[] }
  | { op: "try"; body: Op[]; handler: Op[]; rethrow: boolean; cleanup: Op[] }
  | { op: "resource"; body: Op[]; cleanup: Op[] }
  | { op: "lock" | "semaphore"; index: number; body: Op[] }
  | { op: "waitEvent" | "setEvent" | "clearEvent"; index: number }
  | { op: "get" | "put" | "putNowait"; index: number }
  | {
    op: "leaveBehind" | "endWith";
    line: Line;
    index: number;
    seconds: number;
  };

/** The operations of a name. */
export type OpOf<Name extends Op["op"]> = Extract<Op, { op: Name }>;

/** Operations that need nothing else. */
export type Plain =
  | "native"
  | "raise"
  | "uncancel"
  | "cancelSelf"
  | "cancelGroup";

/** Scopes that a deadline cancels. */
export type Limit = "timeout" | "moveOnAfter" | "waitFor";

/** What is done with the promises of several parts. */
export type How = typeof HOWS[number];

const HOWS = ["all", "allSettled", "race", "any"] as const;

/** Where something may be left in a line. */
export type Line = typeof LINES[number];

const LINES = ["get", "lock", "semaphore", "event"] as const;

/** The operations of a program's first task. */
export type Program = Op[];

/** How often each operation is chosen. */
const WEIGHTS: [Op["op"], weight: number][] = [
  ["sleep", 14],
  ["native", 4],
  ["raise", 3],
  ["call", 2],
  ["float", 7],
  ["handler", 4],
  ["parts", 6],
  ["shield", 1],
  ["gather", 1],
  ["spawn", 4],
  ["join", 1],
  ["lookOn", 2],
  ["cancel", 2],
  ["cancelSelf", 2],
  ["cancelLater", 1],
  ["uncancel", 1],
  ["timeout", 6],
  ["moveOnAfter", 3],
  ["waitFor", 3],
  ["group", 5],
  ["cancelGroup", 4],
  ["try", 4],
  ["resource", 4],
  ["lock", 3],
  ["semaphore", 2],
  ["waitEvent", 1],
  ["setEvent", 1],
  ["clearEvent", 1],
  ["get", 3],
  ["put", 3],
  ["putNowait", 3],
  ["leaveBehind", 3],
  ["endWith", 3],
];

const TOTAL_WEIGHT = WEIGHTS.reduce((sum, [, weight]) => sum + weight, 0);

/** The deepest nesting of bodies. */
const MAX_DEPTH = 4;

/** Writes random programs. */
class Author {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  body(depth: number): Op[] {
    const length = this.#below(depth === 0 ? 6 : 3) + (depth === 0 ? 3 : 1);
    return Array.from({ length }, () => this.#op(depth));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #oneIn(limit: number): boolean {
    return this.#below(limit) === 0;
  }

  /** Zero more often than not, since ties are where things go wrong. */
  #seconds(): number {
    return this.#below(2) * this.#below(4);
  }

  #bodies(depth: number): Op[][] {
    const length = 1 + this.#below(3);
    return Array.from({ length }, () => this.body(depth));
  }

  #kind(): Op["op"] {
    let rest = this.#random() * TOTAL_WEIGHT;
    for (const [kind, weight] of WEIGHTS) {
      rest -= weight;
      if (rest < 0) return kind;
    }
    return "native";
  }

  #op(depth: number): Op {
    const op = this.#make(this.#kind(), depth);
    const nests = "body" in op || "bodies" in op;
    return nests && depth >= MAX_DEPTH
      ? { op: "sleep", seconds: this.#seconds(), generator: false }
      : op;
  }

  #make(op: Op["op"], depth: number): Op {
    if (depth >= MAX_DEPTH) depth = Infinity; // to be replaced: see above
    const body = () => depth === Infinity ? [] : this.body(depth + 1);
    const bodies = () => depth === Infinity ? [] : this.#bodies(depth + 1);
    const index = this.#below(THINGS);
    const generator = this.#oneIn(4);
    const seconds = this.#seconds();
    switch (op) {
      case "sleep":
        return { op, seconds, generator };
      case "call":
      case "float":
        return { op, generator, body: body() };
      case "shield":
        return { op, body: body() };
      case "handler":
        return { op, seconds, body: body() };
      case "parts":
        return { op, how: HOWS[this.#below(HOWS.length)], bodies: bodies() };
      case "gather":
        return { op, bodies: bodies() };
      case "spawn":
        return { op, eager: this.#oneIn(4), body: body() };
      case "join":
      case "lookOn":
      case "cancel":
        return { op, task: this.#below(6) };
      case "cancelLater":
        return { op, seconds };
      case "timeout":
      case "moveOnAfter":
      case "waitFor":
        return { op, seconds, generator, body: body() };
      case "group":
        return { op, generator, bodies: bodies(), body: body() };
      case "try": {
        const shape = this.#below(3);
        return {
          op,
          body: body(),
          handler: shape < 2 ? body() : [],
          rethrow: shape === 2 || this.#oneIn(2),
          cleanup: shape > 0 ? body() : [],
        };
      }
      case "resource":
        return { op, body: body(), cleanup: body() };
      case "lock":
      case "semaphore":
        return { op, index, body: body() };
      case "leaveBehind":
      case "endWith":
        return { op, line: LINES[this.#below(LINES.length)], index, seconds };
      case "waitEvent":
      case "setEvent":
      case "clearEvent":
      case "get":
      case "put":
      case "putNowait":
        return { op, index };
      default:
        return { op };
    }
  }
}

/** The program of a seed with a number. */
export function programOf(seed: number, number: number): Program {
  return new Author(randomNumbers(seed * 1_000_003 + number)).body(0);
}

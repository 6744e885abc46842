// Random programs as data, for the interpreters and for the printed sources.

/** An operation of a program. Futures, locks and so on go by their numbers. */
export type Op =
  | { op: "log" | "raise" | "callSoon"; text: string }
  | { op: "callLater"; seconds: number; text: string }
  | { op: "sleep"; seconds: number }
  | { op: "call" | "shield"; body: Op[] }
  | { op: "spawn"; eager: boolean; body: Op[] }
  | { op: "join" | "cancel"; task: number; text: string }
  | { op: "cancelSelf"; text: string }
  | { op: "cancelLater"; seconds: number; text: string }
  | { op: "uncancel" | "cancelling" }
  | { op: Simple; index: number; text: string }
  | { op: "try"; body: Op[]; handler: Op[]; rethrow: boolean; cleanup: Op[] }
  | { op: "gather"; bodies: Op[][]; returnExceptions: boolean }
  | { op: "wait"; bodies: Op[][]; when: When; seconds: number }
  | { op: "waitFor" | "timeout"; seconds: number; body: Op[] }
  | { op: "group"; bodies: Op[][]; body: Op[]; forgetsInside?: boolean }
  | { op: "resource"; body: Op[]; cleanup: Op[] }
  | { op: "lock" | "semaphore"; index: number; body: Op[] };

/** The operations on a future, lock or the like that have no body. */
export type Simple = typeof SIMPLE[number];

/** When `wait()` returns. */
export type When = typeof WHENS[number];

/** The operations of a program's first task. */
export type Program = Op[];

const SIMPLE = [
  "awaitFuture",
  "setResult",
  "setError",
  "cancelFuture",
  "waitEvent",
  "setEvent",
  "clearEvent",
  "waitCondition",
  "notify",
  "waitBarrier",
  "put",
  "get",
  "putNowait",
  "getNowait",
  "shutdown",
] as const;

export const WHENS = [
  "FIRST_COMPLETED",
  "FIRST_EXCEPTION",
  "ALL_COMPLETED",
] as const;

/** How many futures, locks and so on of each kind a program has. */
export const THINGS = 2;

/** The capacity of every semaphore and queue. */
export const CAPACITY = 2;

/** The programs whose recorded traces `deno test` compares with. */
export const RECORDED = {
  general: { seed: 1, count: 300 },
  scopes: { seed: 1, count: 200 },
};

/** How often each operation is chosen; the simple ones share a weight. */
type Weights = [Op["op"] | "simple", weight: number][];

/** Operations of every kind. */
const GENERAL: Weights = [
  ["log", 2],
  ["raise", 2],
  ["callSoon", 1],
  ["callLater", 1],
  ["sleep", 9],
  ["call", 2],
  ["shield", 1],
  ["spawn", 6],
  ["join", 4],
  ["cancel", 5],
  ["cancelSelf", 1],
  ["uncancel", 1],
  ["simple", 14],
  ["try", 5],
  ["gather", 2],
  ["wait", 2],
  ["waitFor", 2],
  ["timeout", 3],
  ["group", 3],
  ["lock", 3],
  ["semaphore", 2],
];

/** Scopes inside of scopes, and requests to cancel that come and go there. */
const SCOPES: Weights = [
  ["log", 1],
  ["raise", 2],
  ["sleep", 9],
  ["call", 2],
  ["shield", 1],
  ["spawn", 3],
  ["join", 2],
  ["cancel", 4],
  ["cancelSelf", 2],
  ["cancelLater", 5],
  ["uncancel", 6],
  ["cancelling", 6],
  ["simple", 3],
  ["try", 6],
  ["resource", 5],
  ["gather", 1],
  ["waitFor", 2],
  ["timeout", 7],
  ["group", 5],
  ["lock", 2],
];

/** Many tasks in few lines, some of which are cancelled. */
const LINES: Weights = [
  ["sleep", 12],
  ["spawn", 14],
  ["cancel", 4],
  ["putNowait", 3],
  ["put", 2],
  ["get", 2],
  ["try", 2],
  ["gather", 6],
  ["timeout", 4],
  ["group", 4],
  ["lock", 12],
  ["semaphore", 10],
];

/** What programs are about. */
export type Subject = keyof typeof RECORDED;

const WEIGHTS: Record<Subject | "lines", Weights> = {
  general: GENERAL,
  scopes: SCOPES,
  lines: LINES,
};

/** All subjects of programs. */
export const SUBJECTS = Object.keys(RECORDED) as Subject[];

/** The deepest nesting of bodies. */
const MAX_DEPTH = 4;

/** Reproducible random numbers for a seed (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = state;
    bits = Math.imul(bits ^ (bits >>> 15), bits | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes random programs. */
class Author {
  readonly #random: () => number;
  readonly #weights: Weights;
  readonly #totalWeight: number;
  #texts = 0;

  constructor(random: () => number, weights: Weights) {
    this.#random = random;
    this.#weights = weights;
    this.#totalWeight = weights.reduce((sum, [, weight]) => sum + weight, 0);
  }

  /** The body of the first task. */
  program(): Program {
    if (this.#weights !== LINES) return this.body(0);
    return Array.from({ length: 4 + this.#below(5) }, () => ({
      op: "spawn",
      eager: this.#below(4) === 0,
      body: this.body(1),
    }));
  }

  body(depth: number): Op[] {
    const most = depth === 0 ? 7 : 4;
    const length = this.#below(most) + (depth === 0 ? 3 : 1);
    return Array.from({ length }, () => this.#op(depth));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  /** Zero more often than not, since ties are where the order matters. */
  #seconds(): number {
    return this.#below(2) * this.#below(4);
  }

  #text(): string {
    return `${this.#texts++}`;
  }

  #bodies(depth: number): Op[][] {
    const length = 1 + this.#below(3);
    return Array.from({ length }, () => this.body(depth));
  }

  #kind(): Op["op"] | "simple" {
    let rest = this.#random() * this.#totalWeight;
    for (const [kind, weight] of this.#weights) {
      rest -= weight;
      if (rest < 0) return kind;
    }
    return "sleep";
  }

  #op(depth: number): Op {
    const kind = this.#kind();
    if (depth >= MAX_DEPTH && (NESTING as readonly string[]).includes(kind)) {
      return { op: "sleep", seconds: this.#seconds() };
    }
    const deeper = depth + 1;
    const some = (body: boolean) => body ? this.body(deeper) : [];
    switch (kind) {
      case "log":
      case "raise":
      case "callSoon":
      case "cancelSelf":
        return { op: kind, text: this.#text() };
      case "callLater":
      case "cancelLater":
        return { op: kind, seconds: this.#seconds(), text: this.#text() };
      case "sleep":
        return { op: kind, seconds: this.#seconds() };
      case "call":
      case "shield":
        return { op: kind, body: this.body(deeper) };
      case "spawn":
        return {
          op: kind,
          eager: this.#below(4) === 0,
          body: this.body(deeper),
        };
      case "join":
      case "cancel":
        return { op: kind, task: this.#below(6), text: this.#text() };
      case "uncancel":
      case "cancelling":
        return { op: kind };
      case "try": {
        const shape = this.#below(3);
        return {
          op: kind,
          body: this.body(deeper),
          handler: some(shape < 2),
          rethrow: shape === 2 || this.#below(2) === 0,
          cleanup: some(shape > 0),
        };
      }
      case "gather":
        return {
          op: kind,
          bodies: this.#bodies(deeper),
          returnExceptions: this.#below(3) === 0,
        };
      case "wait":
        return {
          op: kind,
          bodies: this.#bodies(deeper),
          when: WHENS[this.#below(WHENS.length)],
          seconds: this.#seconds(),
        };
      case "waitFor":
      case "timeout":
        // Never 0, where CPython may lose a cancellation: see DIFFERENCES.md.
        return {
          op: kind,
          seconds: 1 + this.#below(3),
          body: this.body(deeper),
        };
      case "group":
        return {
          op: kind,
          bodies: this.#bodies(deeper),
          body: some(this.#below(2) === 0),
          ...(this.#weights === SCOPES
            ? { forgetsInside: this.#below(2) === 0 }
            : {}),
        };
      case "resource":
        return {
          op: kind,
          body: this.body(deeper),
          cleanup: this.body(deeper),
        };
      case "lock":
      case "semaphore":
        return {
          op: kind,
          index: this.#below(THINGS),
          body: this.body(deeper),
        };
      default:
        return {
          op: kind === "simple" ? SIMPLE[this.#below(SIMPLE.length)] : kind,
          index: this.#below(THINGS),
          text: this.#text(),
        };
    }
  }
}

const NESTING = [
  "call",
  "shield",
  "spawn",
  "try",
  "gather",
  "wait",
  "waitFor",
  "timeout",
  "group",
  "resource",
  "lock",
  "semaphore",
] as const;

/** The programs of a seed. */
export function programsOf(
  subject: Subject | "lines",
  seed: number,
  count: number,
): Program[] {
  // Each has its own seed, so that it does not depend on those before it.
  return Array.from(
    { length: count },
    (_, index) => {
      const random = randomNumbers(seed * 1_000_003 + index);
      return new Author(random, WEIGHTS[subject]).program();
    },
  );
}

// What V8 and Deno take for what the library is made of. `_floors.ts` runs it; it
// prints nanoseconds as a line of JSON.
import { AsyncLocalStorage } from "node:async_hooks";

const OPERATIONS = 200_000;

/** Keeps results alive, so that nothing can be optimised away. */
let kept: unknown;

/** The best of some rounds, in nanoseconds per operation. */
async function best(
  rounds: number,
  round: (operations: number) => unknown,
): Promise<number> {
  await round(OPERATIONS / 10); // compiles
  let shortest = Infinity;
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await round(OPERATIONS);
    shortest = Math.min(shortest, performance.now() - start);
  }
  return shortest * 1e6 / OPERATIONS;
}

function* endless(): Generator<number, never> {
  for (let i = 0;; i++) yield i;
}

const steps = endless();

/** Calls its handler at once, so that nothing but V8's own work is measured. */
const thenable: PromiseLike<void> = {
  then(onfulfilled) {
    onfulfilled?.();
    return thenable as never;
  },
};

const store = new AsyncLocalStorage<number>();

/** One measurement for each piece, by its name in the table. */
const FLOORS: Record<string, (operations: number) => unknown> = {
  "resume a generator": (operations) => {
    for (let i = 0; i < operations; i++) kept = steps.next();
  },
  "call a fresh generator function": (operations) => {
    for (let i = 0; i < operations; i++) {
      kept = (function* () {
        yield i;
      })().next();
    }
  },
  "await null": async (operations) => {
    for (let i = 0; i < operations; i++) await null;
  },
  "await a thenable": async (operations) => {
    for (let i = 0; i < operations; i++) await thenable;
  },
  "call an async function": (operations) => {
    const echo = async (i: number) => i;
    for (let i = 0; i < operations; i++) kept = echo(i);
  },
  "AsyncLocalStorage#run()": (operations) => {
    for (let i = 0; i < operations; i++) store.run(i, () => kept = i);
  },
  "AsyncLocalStorage#run() of an async function": async (operations) => {
    for (let i = 0; i < operations; i++) {
      await store.run(i, async () => {
        await null;
      });
    }
  },
  "new Error()": (operations) => {
    for (let i = 0; i < operations; i++) kept = new Error();
  },
  "new Error(), stackTraceLimit = 0": (operations) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    for (let i = 0; i < operations; i++) kept = new Error();
    Error.stackTraceLimit = stackTraceLimit;
  },
  "throw into a generator and out of it": (operations) => {
    const error = new Error();
    for (let i = 0; i < operations; i++) {
      const steps = endless();
      steps.next();
      try {
        steps.throw(error);
      } catch (thrown) {
        kept = thrown;
      }
    }
  },
  "read the clock": (operations) => {
    for (let i = 0; i < operations; i++) kept = performance.now();
  },
};

const results: Record<string, number> = {};
for (const [name, round] of Object.entries(FLOORS)) {
  results[name] = await best(Number(Deno.args[0]), round);
}
if (kept === undefined) throw new Error("nothing was measured");
console.log(JSON.stringify(results));

// The waits of programs of strands, and what may and must cancel them.

import { coroutine, type Queue, sleep } from "@asyncio/asyncio";
import type { Line, OpOf } from "./strands_program.ts";
import type { Strand } from "./strands_records.ts";
import type { World } from "./strands_world.ts";

/** A wait that no cancellation may miss, nor reach that is not meant for it. */
async function checked<T>(
  strand: Strand,
  what: string,
  wait: () => PromiseLike<T>,
): Promise<T> {
  const { world } = strand;
  const start = world.loop.time();
  try {
    const result = await wait();
    world.checkWait(strand, what, start, null);
    return result;
  } catch (error) {
    world.checkWait(strand, what, start, { error });
    throw error;
  }
}

/** A sleep. */
export async function performSleep(
  strand: Strand,
  { seconds, generator }: OpOf<"sleep">,
): Promise<void> {
  const { world } = strand;
  const steps = coroutine(function* () {
    yield* sleep(seconds);
  });
  world.sleepers++;
  try {
    const nap = () => generator ? steps() : sleep(seconds);
    await checked(strand, "a sleep", nap);
  } finally {
    world.sleepers--;
  }
}

/** A wait in a line: it is forgotten when its task ends. */
async function lined<T>(
  strand: Strand,
  what: string,
  wait: () => PromiseLike<T>,
): Promise<T> {
  strand.state.isInLine = true;
  try {
    return await checked(strand, what, wait);
  } finally {
    strand.state.isInLine = false;
  }
}

/** A lock or a permit, with a guard that keeps account of it. */
export async function held(
  strand: Strand,
  what: "lock" | "semaphore",
  index: number,
): Promise<Disposable> {
  const { world } = strand;
  const thing = what === "lock" ? world.locks[index] : world.semaphores[index];
  const guard = await lined(strand, "an acquire", () => thing.acquire());
  const letGo = world.holds(thing, strand);
  return {
    [Symbol.dispose]() {
      letGo();
      guard[Symbol.dispose]();
    },
  };
}

async function taken(strand: Strand, queue: Queue<string>): Promise<void> {
  take(strand.world, await lined(strand, "a get", () => queue.get()));
}

function take(world: World, item: string): void {
  if (world.taken.has(item)) world.fail(`item ${item} came twice`);
  world.taken.add(item);
}

/** A strand that is left behind when it loses a race. */
export async function inLine(
  strand: Strand,
  line: Line,
  index: number,
): Promise<void> {
  const { world } = strand;
  try {
    if (line === "get") await taken(strand, world.queues[index]);
    else if (line === "event") {
      await lined(strand, "a wait", () => world.events[index].wait());
    } else {
      using _ = await held(strand, line, index);
    }
  } finally {
    strand.state.isOver = true;
  }
}

/** A task whose race is over, and with it the task. */
export async function raceAndEnd(
  world: World,
  line: Line,
  index: number,
  seconds: number,
): Promise<void> {
  world.record();
  world.expectUntil(seconds);
  const things = {
    get: () => world.queues[index].get(),
    lock: () => world.locks[index].acquire(),
    semaphore: () => world.semaphores[index].acquire(),
    event: () => world.events[index].wait(),
  };
  const won = await Promise.race<unknown>([things[line](), sleep(seconds)]);
  if (typeof won === "string") take(world, won);
  else if (typeof won === "object") (won as Disposable)[Symbol.dispose]();
}

/** The operations that have no body. */
export async function performSimple(
  strand: Strand,
  { op, index }: OpOf<
    "waitEvent" | "setEvent" | "clearEvent" | "get" | "put" | "putNowait"
  >,
): Promise<void> {
  const { world } = strand;
  const queue = world.queues[index];
  const event = world.events[index];
  switch (op) {
    case "waitEvent":
      await lined(strand, "a wait", () => event.wait());
      break;
    case "setEvent":
      event.set();
      break;
    case "clearEvent":
      event.clear();
      break;
    case "get":
      await taken(strand, queue);
      break;
    case "put": {
      const item = world.name();
      await lined(strand, "a put", () => queue.put(item));
      world.put.add(item);
      break;
    }
    case "putNowait": {
      if (queue.full()) break;
      const item = world.name();
      queue.putNowait(item);
      world.put.add(item);
    }
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * What the host itself still waits for.
 *
 * Measured with Deno 2.9:
 *
 * - An operation that is not referenced (a signal listener, an unreferenced
 *   timer) lets a program end, but not one whose top-level `await` is pending:
 *   there `deno run` waits for all of them. `deno test` does not.
 * - When the top-level `await` of a program can never continue, `deno run`
 *   prints its error and ends. None of `beforeunload`, `unload`, `beforeExit`
 *   and `exit` is dispatched. In `deno test`, `unload` comes when all tests of
 *   the file have ended.
 * - `eventLoopHasMoreWork()` of Deno's core is `true` as long as a top-level
 *   `await` is pending, so it tells nothing.
 *
 * So there is nothing that says that the process is about to end, and a signal
 * listener keeps it from ending. What is left is to look for operations that
 * are pending. Deno numbers their promises, and its core says which of the
 * numbers are in use. Timers and sockets of node's modules are not among them,
 * but in the list of active resources. A dynamic import that is still loading
 * is in neither.
 */

import { denoCore } from "./deno_core.ts";
import { microtasksDone } from "./turn.ts";
import { listensToParent } from "./workers.ts";

/** Whether a signal listener can keep a program from ending. */
export function listenersHoldProcess(): boolean {
  return typeof Deno !== "undefined";
}

/** How many numbers of promises are looked at in one go: about 1 ms. */
const WINDOW = 100_000;

/** A port is closed within this many turns of the host. */
const CLOSING_HOPS = 3;

/** What is used of Deno's core. */
interface Core {
  hasPromise(id: number): boolean;
}

let core: Core | null | undefined;

/** Operations that were pending when they were last looked at. */
const pending = new Set<number>();
/** Lower numbers are in `pending`, or not in use any more. */
let scanned = 0;

/** How many resources of each kind keep the process alive. */
export type Resources = ReadonlyMap<string, number>;

const NONE: Resources = new Map();

/** A timer counts until its callback has returned. */
function resourceNames(): readonly string[] | null {
  const { process } = globalThis as {
    process?: {
      getActiveResourcesInfo?(): string[];
      versions?: { bun?: string };
    };
  };
  if (process?.versions?.bun !== undefined) return null; // it never names any
  try {
    return process?.getActiveResourcesInfo?.() ?? null;
  } catch {
    return null; // workerd has it, and does not implement it
  }
}

/** Whether the host tells of all operations, and not only of resources. */
export function tellsOperations(): boolean {
  if (core === undefined) core = denoCore<Core>("hasPromise");
  return core !== null;
}

/** What keeps the process alive now, as far as the host tells. */
export function activeResources(): Resources {
  const counts = new Map<string, number>();
  for (const name of resourceNames() ?? []) {
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

/**
 * What may have been there before and does not count then: timers and pipes of a
 * test runner. A socket counts, since an old one may bring something new.
 */
const OF_RUNNER: readonly string[] = [
  "Timeout",
  "Immediate",
  "PipeWrap",
  "TTYWrap",
  "CloseReq",
];

/**
 * How many resources of a kind may have been there before and do not count. Of
 * the ports of a worker, that is its own one, by which a test runner directs it;
 * all others are the program's, and may bring something new as sockets do.
 */
function knownOf(name: string): number {
  if (OF_RUNNER.includes(name)) return Infinity;
  return name === "MessagePort" && listensToParent() ? 1 : 0;
}

/** Whether anything new keeps the process alive; `null` if it is not told. */
function hasNewResources(before: Resources): boolean | null {
  if (resourceNames() === null) return null;
  for (const [name, count] of activeResources()) {
    if (count > Math.min(before.get(name) ?? 0, knownOf(name))) return true;
  }
  return false;
}

/** How many operations are pending. */
async function look(core: Core): Promise<number> {
  // It receives in an operation, whose number is the last one. Most others may
  // be finished as soon as they begin, and then have none.
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {};
  let last = -1;
  const end = scanned + WINDOW;
  for (let id = scanned; id < end; id++) {
    if (!core.hasPromise(id)) continue;
    pending.add(id);
    last = id;
  }
  for (const id of pending) if (!core.hasPromise(id)) pending.delete(id);
  port1.close();
  port2.close();
  for (let i = 0; i < CLOSING_HOPS && core.hasPromise(last); i++) {
    await microtasksDone();
  }
  if (last < 0) {
    scanned = end;
    return Infinity; // the last number is not in reach yet
  }
  scanned = last + 1;
  if (core.hasPromise(last)) return Infinity; // nor is it here
  pending.delete(last);
  for (const id of pending) {
    // What has ended meanwhile may have begun another one, with a higher number.
    if (!core.hasPromise(id)) return Infinity;
  }
  return pending.size;
}

/** The look that is under way: two would see the operations of each other. */
let looking: Promise<number> | null = null;

/**
 * The look that is under way, if there is one. A loop that stops waits for it,
 * since it takes a message port: a test must not leave that behind.
 */
export function lookUnderWay(): Promise<unknown> | null {
  return looking;
}

/**
 * Whether the host waits for something that may still happen: a timer, a
 * socket, a worker, a child process, the standard input.
 *
 * @param known How many operations are pending that do not count.
 * @param before What kept the process alive before, which does not count.
 * @returns `null` if the host does not tell.
 */
export async function hasHostWork(
  known: () => number,
  before: Resources | null = null,
): Promise<boolean | null> {
  if (!tellsOperations()) {
    return before === null ? null : hasNewResources(before);
  }
  looking ??= look(core!).finally(() => looking = null);
  if (await looking > known()) return true;
  return hasNewResources(before ?? NONE) ?? false;
}

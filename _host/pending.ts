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

import { microtasksDone } from "./turn.ts";

/** Whether a signal listener can keep a program from ending. */
export function listenersHoldProcess(): boolean {
  return typeof Deno !== "undefined";
}

/** How many numbers of promises are looked at in one go: about 1 ms. */
const WINDOW = 100_000;

/** A port is closed within this many turns of the host. */
const CLOSING_HOPS = 3;

/** What is used of Deno's core, which has no public name. */
interface Core {
  hasPromise(id: number): boolean;
}

let core: Core | null | undefined;

function findCore(): Core | null {
  if (typeof Deno === "undefined") return null;
  const { internal } = Deno as { internal?: symbol };
  if (typeof internal !== "symbol") return null;
  const found = Reflect.get(Deno, internal)?.core;
  return typeof found?.hasPromise === "function" ? found : null;
}

/** Operations that were pending when they were last looked at. */
const pending = new Set<number>();
/** Lower numbers are in `pending`, or not in use any more. */
let scanned = 0;

/** A timer counts until its callback has returned. */
function hasActiveResources(): boolean {
  const { process } = globalThis as {
    process?: { getActiveResourcesInfo?(): unknown[] };
  };
  return (process?.getActiveResourcesInfo?.() ?? []).length > 0;
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
  for (const id of pending) {
    if (!core.hasPromise(id)) pending.delete(id);
  }
  return hasActiveResources() ? Infinity : pending.size;
}

/** The look that is under way: two would see the operations of each other. */
let looking: Promise<number> | null = null;

/**
 * Whether the host waits for something that may still happen: a timer, a
 * socket, a worker, a child process, the standard input.
 *
 * @param known How many operations are pending that do not count.
 * @returns `null` if the host does not tell.
 */
export async function hasHostWork(
  known: () => number,
): Promise<boolean | null> {
  core ??= findCore();
  if (core === null) return null;
  looking ??= look(core).finally(() => looking = null);
  return await looking > known();
}

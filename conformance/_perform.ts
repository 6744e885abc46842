// The TypeScript side: performs a scenario in fake time and records it.

import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { setEventLoop } from "@asyncio/asyncio";
import { repr } from "./print.ts";

/**
 * How many host turns without a timer to fire mean that a scenario is stuck.
 * Loading its module takes some.
 */
const PATIENCE = 5000;

const setHostTimeout = setTimeout;

function hostTurn(): Promise<void> {
  return new Promise((resolve) => setHostTimeout(resolve, 0));
}

/** Moves fake time on, from timer to timer, until the promise settles. */
async function throughFakeTime(
  time: FakeTime,
  promise: Promise<unknown>,
): Promise<void> {
  let pending = true;
  promise.then(() => pending = false, () => pending = false);
  for (let idle = 0; pending;) {
    if (await time.nextAsync()) {
      idle = 0;
    } else if (++idle < PATIENCE) {
      await hostTurn();
    } else {
      throw new Error("still pending when fake time had run out");
    }
  }
}

/**
 * What a scenario prints. What it throws at the end is part of it, and so is
 * what the library reports to the console.
 *
 * @param start Imports the scenario, which runs it: once, as modules are.
 */
export async function transcript(
  start: () => Promise<unknown>,
): Promise<string> {
  let output = "";
  using time = new FakeTime(0);
  using _log = stub(console, "log", (text) => {
    output += `${text}\n`;
  });
  using _error = stub(console, "error", (text) => {
    output += `log: ${String(text).split("\n")[0]}\n`;
  });
  setEventLoop(null); // the last scenario's, of a time that is over
  const scenario = start().catch((error) => {
    output += `thrown: ${repr(error)}\n`;
  });
  await throughFakeTime(time, scenario);
  return output;
}

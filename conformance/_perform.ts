// The TypeScript side: runs a scenario in fake time and records its output.

import { stub } from "@std/testing/mock";
import { FakeTime } from "@std/testing/time";
import { setEventLoop } from "@asyncio/asyncio";
import { repr } from "./print.ts";

/**
 * A scenario is stuck after this many turns of the host without a timer to fire.
 * Loading its module takes some of them.
 */
const MAX_IDLE_TURNS = 5000;

const setHostTimeout = setTimeout;

function hostTurn(): Promise<void> {
  return new Promise((resolve) => setHostTimeout(resolve, 0));
}

/** Moves fake time from timer to timer until the promise settles. */
async function throughFakeTime(
  time: FakeTime,
  promise: Promise<unknown>,
): Promise<void> {
  let pending = true;
  promise.then(() => pending = false, () => pending = false);
  for (let idle = 0; pending;) {
    if (await time.nextAsync()) {
      idle = 0;
    } else if (++idle < MAX_IDLE_TURNS) {
      await hostTurn();
    } else {
      throw new Error("still pending when fake time had run out");
    }
  }
}

/**
 * Runs a scenario and returns what it prints, together with what the library
 * reports to the console and the error that the scenario ends with, if any.
 *
 * @param start Imports the scenario, which runs it. A module runs only once.
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
  setEventLoop(null); // the previous scenario's, which has another fake time
  const scenario = start().catch((error) => {
    output += `thrown: ${repr(error)}\n`;
  });
  await throughFakeTime(time, scenario);
  return output;
}

// Tests the scheduler in virtual time: weeks pass in a moment.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CancelledError,
  getRunningLoop,
  moveOnAfter,
  sleep,
  TimeoutError,
} from "@asyncio/asyncio";
import { runTest, VirtualClock } from "@asyncio/asyncio/testing";
import { Cron } from "./cron.ts";
import { Scheduler, type SchedulerOptions } from "./scheduler.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Seconds since 1970. */
function at(text: string): number {
  return Date.parse(`${text}Z`) / 1000;
}

function textOf(time: number): string {
  return new Date(time * 1000).toISOString().replace(/\.000Z$/, "");
}

// A Thursday.
const START = at("2026-01-01T00:00:00");

/** Runs a scheduler for a time, in seconds, from the start of 2026. */
async function runFor(
  seconds: number,
  prepare: (scheduler: Scheduler, now: () => string) => void,
  options: SchedulerOptions = {},
): Promise<void> {
  const clock = new VirtualClock({ now: START });
  await runTest(async () => {
    const now = () => getRunningLoop().time();
    const scheduler = new Scheduler({ now, ...options });
    prepare(scheduler, () => textOf(now()));
    await moveOnAfter(seconds, () => scheduler.run());
  }, { clock });
}

for (
  const [expression, after, ...expected] of [
    ["* * * * *", "2026-01-01T00:00:00", "2026-01-01T00:01:00"],
    ["* * * * *", "2026-01-01T00:00:59", "2026-01-01T00:01:00"],
    ["* * * * * *", "2026-01-01T00:00:59", "2026-01-01T00:01:00"],
    [
      "*/20 * * * *",
      "2026-01-01T00:30:00",
      "2026-01-01T00:40:00",
      "2026-01-01T01:00:00",
    ],
    ["5,10-12 4 * * *", "2026-01-01T04:05:00", "2026-01-01T04:10:00"],
    ["0 0 1 * *", "2026-12-01T00:00:00", "2027-01-01T00:00:00"],
    ["0 0 31 * *", "2026-01-31T00:00:00", "2026-03-31T00:00:00"],
    ["0 12 29 2 *", "2026-01-01T00:00:00", "2028-02-29T12:00:00"],
    ["0 0 29 2 *", "2096-03-01T00:00:00", "2104-02-29T00:00:00"],
    ["0 9 * * mon-fri", "2026-01-02T10:00:00", "2026-01-05T09:00:00"],
    ["0 0 * * 0", "2026-01-01T00:00:00", "2026-01-04T00:00:00"],
    ["0 0 * * 7", "2026-01-01T00:00:00", "2026-01-04T00:00:00"],
    ["0 0 * jun *", "2026-01-01T00:00:00", "2026-06-01T00:00:00"],
    // Either of the two days will do.
    [
      "0 0 13 * fri",
      "2026-01-01T00:00:00",
      "2026-01-02T00:00:00",
      "2026-01-09T00:00:00",
      "2026-01-13T00:00:00",
    ],
    ["59 59 23 31 12 *", "2026-01-01T00:00:00", "2026-12-31T23:59:59"],
  ]
) {
  Deno.test(`${expression} comes after ${after} at ${expected}`, () => {
    const cron = new Cron(expression);
    let time = at(after);
    for (const next of expected) {
      time = cron.next(time);
      assertEquals(textOf(time), next);
    }
  });
}

for (
  const [expression, message] of [
    ["", "five or six fields are needed"],
    ["* * * *", "five or six fields are needed"],
    ["60 * * * *", "a minute is from 0 to 59, not 60"],
    ["* 24 * * *", "a hour is from 0 to 23, not 24"],
    ["* * 0 * *", "a day of the month is from 1 to 31, not 0"],
    ["* * * * someday", "a day of the week is from 0 to 7, not someday"],
    ["*/0 * * * *", "cannot read the minute in */0"],
    ["*/1.5 * * * *", "cannot read the minute in */1.5"],
    ["1-2-3 * * * *", "cannot read the minute in 1-2-3"],
    ["30-10 * * * *", "no minute is in 30-10"],
    ["-5 * * * *", "a minute is from 0 to 59, not "],
    ["0 0 30 2 *", "never comes"],
  ] as const
) {
  Deno.test(`Cron refuses ${expression || "nothing"}: ${message}`, () => {
    const error = assertThrows(() => new Cron(expression), Error);
    assert(error.message.startsWith(message), error.message);
  });
}

Deno.test("a week of a schedule passes in virtual time", async () => {
  const log: string[] = [];
  await runFor(7 * DAY, (scheduler, now) => {
    scheduler.add("backup", "30 3 * * mon-fri", async () => {
      log.push(now());
      await sleep(HOUR);
    });
  });
  assertEquals(log, [
    "2026-01-01T03:30:00",
    "2026-01-02T03:30:00",
    "2026-01-05T03:30:00",
    "2026-01-06T03:30:00",
    "2026-01-07T03:30:00",
  ]);
});

Deno.test("a job skips the times that pass while it runs", async () => {
  const log: string[] = [];
  await runFor(HOUR, (scheduler, now) => {
    scheduler.add("slow", "*/10 * * * *", async () => {
      log.push(now());
      await sleep(25 * MINUTE);
    });
  });
  assertEquals(log, ["2026-01-01T00:10:00", "2026-01-01T00:40:00"]);
});

Deno.test("jobs do not wait for each other", async () => {
  const log: string[] = [];
  await runFor(2.5 * MINUTE, (scheduler) => {
    scheduler.add("slow", "* * * * *", async () => {
      await sleep(HOUR);
    });
    scheduler.add("quick", "* * * * *", async () => {
      log.push("quick");
    });
  });
  assertEquals(log, ["quick", "quick"]);
});

Deno.test("a job that fails, or takes too long, is reported and runs again", async () => {
  const reports: [string, unknown][] = [];
  await runFor(
    2.5 * MINUTE,
    (scheduler) => {
      scheduler.add("broken", "* * * * *", async () => {
        throw new Error("no luck");
      });
      scheduler.add("slow", "* * * * *", () => sleep(HOUR), { patience: 10 });
    },
    { report: (name, error) => reports.push([name, error]) },
  );
  assertEquals(reports.map(([name]) => name), [
    "broken",
    "slow",
    "broken",
    "slow",
  ]);
  assert(reports[1][1] instanceof TimeoutError);
});

Deno.test("cancelling the scheduler cancels the jobs, which clean up", async () => {
  const log: string[] = [];
  await runFor(90, (scheduler) => {
    for (const name of ["first", "second", "third"]) {
      scheduler.add(name, "* * * * *", async () => {
        try {
          await sleep(HOUR);
        } catch (error) {
          if (error instanceof CancelledError) log.push(`${name} cancelled`);
          throw error;
        }
      });
    }
  });
  assertEquals(log, ["first cancelled", "second cancelled", "third cancelled"]);
});

Deno.test("a clock that is set back does not run a job twice", async () => {
  const log: string[] = [];
  let set = 0;
  await runFor(
    2 * HOUR,
    (scheduler, now) => {
      getRunningLoop().callLater(30 * MINUTE, () => set = -10 * MINUTE);
      scheduler.add("hourly", "0 * * * *", async () => {
        log.push(now());
      });
    },
    { now: () => getRunningLoop().time() + set },
  );
  assertEquals(log, ["2026-01-01T01:10:00"]);
});

// Runs jobs at given times, as cron does. The test of the scheduler runs a week
// in a moment: see scheduler/scheduler_test.ts.

import { moveOnAfter, run, sleep } from "@asyncio/asyncio";
import { Scheduler } from "./scheduler/scheduler.ts";

const SECONDS = 5;

const scheduler = new Scheduler({
  report: (name, error) => console.log(`${name} failed: ${error}`),
});

scheduler.add("every second", "* * * * * *", async () => {
  console.log("every second");
});
scheduler.add("every other", "*/2 * * * * *", async () => {
  console.log("  every other second: three tenths of work");
  await sleep(0.3);
});
scheduler.add("too slow", "*/3 * * * * *", () => sleep(60), { patience: 0.5 });
scheduler.add("at night", "30 3 * * mon-fri", async () => {
  console.log("half past three in the night, on a working day");
});

await run(async () => {
  await moveOnAfter(SECONDS, () => scheduler.run());
  console.log(`${SECONDS} seconds are over`);
});

// Tests that cannot go on. Run by hung_test.ts, in a process of their own.

import { FakeTime } from "@std/testing/time";
import { Event, run, sleep } from "@asyncio/asyncio";

Deno.test("an event that nothing sets", async () => {
  await run(() => new Event().wait());
});

Deno.test("a native promise that nothing settles", async () => {
  await run(async () => {
    await new Promise(() => {});
  });
});

Deno.test("a fake time that nobody moves", async () => {
  using _time = new FakeTime();
  await run(async () => {
    await sleep(1);
  });
});

Deno.test("nothing", () => {});

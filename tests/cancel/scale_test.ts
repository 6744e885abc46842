// Each takes well under a second, and minutes if the time were not linear.

import { assert, assertEquals } from "@std/assert";
import {
  createTask,
  gather,
  getRunningLoop,
  shield,
  sleep,
  taskGroup,
  wait,
} from "@asyncio/asyncio";
import { inVirtualTime } from "../_helpers.ts";

const MANY = 100_000;

/** Cancels what a function makes, many times, and waits until all has ended. */
async function cancelMany(
  make: () => { cancel(): boolean; done(): boolean },
): Promise<void> {
  const all = Array.from({ length: MANY }, make);
  await sleep(0);
  await sleep(0);
  for (const one of all) assert(one.cancel());
  for (let i = 0; i < 4; i++) await sleep(0);
  assertEquals(all.filter((one) => one.done()).length, MANY);
}

Deno.test("many shields of one task are cancelled in linear time", async () => {
  await inVirtualTime(async () => {
    const inner = createTask(sleep(60));
    await cancelMany(() => shield(inner));
    assert(inner.cancel());
  });
});

Deno.test("many waits for one future are cancelled in linear time", async () => {
  await inVirtualTime(async () => {
    const future = getRunningLoop().createFuture<void>();
    await cancelMany(() => createTask(wait([future])));
    assert(future.cancel());
  });
});

Deno.test("many gatherings of one shielded task are cancelled in linear time", async () => {
  await inVirtualTime(async () => {
    const inner = createTask(sleep(60));
    await cancelMany(() => gather(shield(inner)));
    assert(inner.cancel());
  });
});

Deno.test("many groups are cancelled in linear time", async () => {
  await inVirtualTime(async () => {
    await cancelMany(() =>
      createTask(taskGroup(function* (group) {
        group.createTask(sleep(60));
      }))
    );
  });
});

Deno.test("a group of many tasks is cancelled in linear time", async () => {
  await inVirtualTime(async () => {
    await taskGroup(async (group) => {
      for (let i = 0; i < MANY; i++) group.createTask(sleep(60));
      await sleep(0);
      group.cancel();
    });
    assertEquals(getRunningLoop().time(), 0);
  });
});

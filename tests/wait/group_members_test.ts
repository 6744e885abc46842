import { AsyncLocalStorage } from "node:async_hooks";
import {
  assertEquals,
  assertInstanceOf,
  assertStringIncludes,
} from "@std/assert";
import {
  createTask,
  Future,
  newEventLoop,
  run,
  sleep,
  type Task,
  taskGroup,
} from "@asyncio/asyncio";
import { GroupMember, GroupMembers } from "../../_wait/group_members.ts";
import { inVirtualTime } from "../_helpers.ts";

/** How each of some tasks has ended. */
function outcomes(tasks: readonly Task<number>[]): unknown[] {
  return tasks.map((task) => task.cancelled() ? "cancelled" : task.result());
}

Deno.test("a task of a group prints the callback of the group as asyncio does", async () => {
  await run(() =>
    taskGroup((group) => {
      const task = group.createTask(sleep(0));
      assertStringIncludes(`${task}`, " cb=[TaskGroup._on_task_done()]>");
      return Promise.resolve();
    })
  );
});

for (const [place, name] of ["first", "middle", "last"].entries()) {
  Deno.test(`when the ${name} of three tasks has ended, its group cancels the others`, async () => {
    await inVirtualTime(async () => {
      const tasks: Task<number>[] = [];
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) {
          tasks.push(group.createTask(sleep(i === place ? 1 : 60, i)));
        }
        await sleep(2);
        assertEquals(String(group), "<TaskGroup tasks=2 entered>");
        group.cancel();
      });
      const expected: unknown[] = ["cancelled", "cancelled", "cancelled"];
      expected[place] = place;
      assertEquals(outcomes(tasks), expected);
    });
  });

  Deno.test(`when the ${name} of three tasks is cancelled, its group waits for the others`, async () => {
    await inVirtualTime(async () => {
      const tasks: Task<number>[] = [];
      await taskGroup(async (group) => {
        for (let i = 0; i < 3; i++) {
          tasks.push(group.createTask(sleep(1 + i, i)));
        }
        await sleep(0);
        tasks[place].cancel();
      });
      const expected: unknown[] = [0, 1, 2];
      expected[place] = "cancelled";
      assertEquals(outcomes(tasks), expected);
    });
  });
}

for (
  const order of [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [
    2,
    1,
    0,
  ]]
) {
  Deno.test(`of three members that leave as ${order}, only those left are cancelled`, () => {
    const loop = newEventLoop();
    const waiter = loop.createTask(sleep(0));
    const done: number[] = [];
    let cancelled: number[] = [];
    class Counted extends Future<void> {
      constructor(readonly index: number) {
        super({ loop });
      }

      override cancel(): boolean {
        cancelled.push(this.index);
        return false;
      }
    }
    const members = new GroupMembers(waiter, ({ task }) => {
      done.push((task as Counted).index);
    });
    const all = [0, 1, 2].map((index) =>
      new GroupMember(members, new Counted(index), null, null)
    );
    const left = [0, 1, 2];
    for (const index of order) {
      all[index].$run();
      left.splice(left.indexOf(index), 1);
      cancelled = [];
      members.cancel();
      assertEquals(cancelled, left);
      assertEquals(members.size, left.length);
    }
    assertEquals(done, order);
    new GroupMember(members, new Counted(3), null, null);
    members.cancel();
    assertEquals(cancelled, [3]);
    waiter.cancel();
    loop.close();
  });
}

Deno.test("what a listener enters while a group cancels its tasks does not leak", async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  await run(function* () {
    const watcher = createTask(function* () {
      for (let i = 0; i < 8; i++) {
        yield* sleep(0);
        seen.push(storage.getStore());
      }
    });
    const group = createTask(taskGroup(function* (group) {
      const cancelled = group.createTask(sleep(60));
      cancelled.signal.addEventListener("abort", () => {
        storage.enterWith("entered");
        seen.push(storage.getStore());
      });
      group.createTask(function* () {
        yield* sleep(0);
        throw new Error("failed");
      });
    }));
    yield* watcher;
    assertInstanceOf(group.exception(), AggregateError);
  });
  assertEquals(seen.filter((store) => store !== undefined), ["entered"]);
  assertEquals(seen.length, 9);
});

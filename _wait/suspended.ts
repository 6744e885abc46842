// Copyright 2026 the asyncio authors. MIT license.

import type { CoroutineLike } from "../coroutine.ts";
import { EventLoop } from "../loop.ts";
import type { Task } from "../task.ts";

/**
 * A task that has begun to wait in a coroutine, and is kept for what it waits
 * with: see `_util/specimens.ts`. Nothing ever runs its loop.
 */
export function suspendedIn(coro: CoroutineLike<unknown>): Task<unknown> {
  const loop = new EventLoop({ debug: false });
  const task = loop.createTask(coro);
  task.getCoro().$run();
  task.$returned(undefined); // nothing is to be said of it
  loop.close();
  return task;
}

// Copyright 2026 the asyncio authors. MIT license.

import { functionText } from "../_util/repr.ts";
import type { Context } from "./contexts.ts";
import type { DoneListener, FutureCore, LoopCore } from "./protocols.ts";

/** A done callback that runs in a context of its own. */
export class ContextCallback implements DoneListener {
  readonly callback: (future: never) => void;
  #context: Context;

  constructor(callback: (future: never) => void, context: Context) {
    this.callback = callback;
    this.#context = context;
  }

  $wakeup(future: FutureCore): void {
    const loop = future.getLoop() as LoopCore & {
      callSoon(
        options: { context: Context },
        callback: (future: FutureCore) => void,
        future: FutureCore,
      ): void;
    };
    if (loop.isClosed()) return;
    const callback = this.callback as (future: FutureCore) => void;
    loop.callSoon({ context: this.#context }, callback, future);
  }

  $callbackText(): string {
    return functionText(this.callback);
  }
}

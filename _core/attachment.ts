import type { EventLoop } from "../loop.ts";

/** What lives with a loop, and has to know when that ends. */
export interface Attachment {
  /** The loop has stopped. It may run again. */
  _loopStopped?(loop: EventLoop): void;
  /** The loop was closed, for good. */
  _loopClosed(loop: EventLoop): void;
}

// Copyright 2026 the asyncio authors. MIT license.

import type { EventLoop } from "../loop.ts";

/** A connection or a server. */
interface OpenSocket {
  /** Closes it at once. */
  abort(): void;
}

/** What is open in each loop that is not closed. */
const openIn = new WeakMap<EventLoop, Set<OpenSocket>>();

/**
 * Closes a socket with its loop: one that a program has not closed must not keep
 * the process alive after `run()`. The set is where to remove it when it is
 * closed before.
 */
export function closeWithLoop(
  loop: EventLoop,
  socket: OpenSocket,
): Set<OpenSocket> {
  let open = openIn.get(loop);
  if (open === undefined) {
    const sockets = new Set<OpenSocket>();
    openIn.set(loop, sockets);
    // One attachment for all of them: there may be many thousands.
    loop.$holdingsOf.attachments.add({
      loopClosed() {
        openIn.delete(loop);
        for (const each of [...sockets]) each.abort();
      },
    });
    open = sockets;
  }
  open.add(socket);
  return open;
}

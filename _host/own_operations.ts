// Copyright 2026 the asyncio authors. MIT license.

import { socketOperations } from "./local_socket.ts";
import { signalOperations } from "./signals.ts";

/**
 * How many operations of the host are pending on the library's own account:
 * they are nothing that could wake a loop.
 */
export function ownOperations(): number {
  return signalOperations() + socketOperations();
}

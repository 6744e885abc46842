// Copyright 2026 the asyncio authors. MIT license.

let pending = 0;

/**
 * How many operations of the host are pending on the library's own account:
 * they are nothing that could wake a loop.
 */
export function ownOperations(): number {
  return pending;
}

export function beginOwnOperation(): void {
  pending++;
}

export function endOwnOperation(): void {
  pending--;
}

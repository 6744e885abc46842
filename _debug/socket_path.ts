// Copyright 2026 the asyncio authors. MIT license.

/** The socket of a process that can be asked: both sides know its name. */
export function socketPath(pid: number): string {
  return `/tmp/asyncio-${pid}.sock`;
}

// Copyright 2026 the asyncio authors. MIT license.

import { nodeSockets } from "./node_sockets.ts";
import type { SocketHost } from "./sockets.ts";

/** Where sockets come from: Deno's own, or those of `node:net`. */
export function socketHost(fn: string): SocketHost {
  if (typeof Deno !== "undefined") return Deno as unknown as SocketHost;
  return nodeHost(fn);
}

/** The sockets of `node:net`, which Deno has too. */
export function nodeHost(fn: string): SocketHost {
  const host = nodeSockets();
  if (host === null) throw new Error(`${fn}: this host has no sockets`);
  return host;
}

/**
 * An error of the host that says what was attempted. It keeps its class and its
 * code. An error about permissions names the flag that is missing, and says
 * enough.
 */
export function failureOf(act: string, error: unknown): unknown {
  if (!(error instanceof Error) || error.name === "NotCapable") return error;
  const { code } = error as { code?: unknown };
  let told: Error;
  try {
    const Class = error instanceof AggregateError
      ? Error // of one attempt for each address
      : error.constructor as ErrorConstructor;
    told = new Class(`${act}: ${error.message}`, { cause: error });
  } catch {
    return error; // its class is made of something else
  }
  return code === undefined ? told : Object.assign(told, { code });
}

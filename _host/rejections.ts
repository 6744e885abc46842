// Copyright 2026 the asyncio authors. MIT license.

import { hostProcess } from "./process_events.ts";
import { setHostImmediate } from "./timers.ts";

type IsHarmless = (reason: unknown) => boolean;

/** The process of Node.js, as far as it is used here. */
interface NodeProcess {
  on(event: "unhandledRejection", listener: (reason: unknown) => void): void;
  off(event: "unhandledRejection", listener: (reason: unknown) => void): void;
  listenerCount(event: "unhandledRejection"): number;
}

/**
 * Keeps the host from ending the process because of rejections that nothing
 * handles, where `isHarmless` says so of their reason.
 *
 * Where the host has no event for that, as in Bun, nothing happens.
 */
export function allowUnhandledRejections(isHarmless: IsHarmless): void {
  if (typeof globalThis.addEventListener === "function") {
    globalThis.addEventListener("unhandledrejection", (event) => {
      if (isHarmless(event.reason)) event.preventDefault();
    });
    return;
  }
  const process = hostProcess() as Partial<NodeProcess> | undefined;
  if (typeof process?.listenerCount === "function") {
    allowInNode(process as NodeProcess, isHarmless);
  }
}

/** What is allowed in Node.js: a program may tell several kinds. */
const allowed: IsHarmless[] = [];

/**
 * Node.js reports a rejection only if nobody listens. So what is not allowed is
 * rejected once more, while this does not listen.
 */
function allowInNode(process: NodeProcess, isHarmless: IsHarmless): void {
  allowed.push(isHarmless);
  if (allowed.length > 1) return;
  const listener = (reason: unknown) => {
    if (allowed.some((isHarmless) => isHarmless(reason))) return;
    if (process.listenerCount("unhandledRejection") > 1) return; // others do
    process.off("unhandledRejection", listener);
    Promise.reject(reason);
    setHostImmediate(() => process.on("unhandledRejection", listener));
  };
  process.on("unhandledRejection", listener);
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Keeps the host from ending the process because of rejections that nothing
 * handles, where `isHarmless` says so of their reason.
 *
 * Where the host has no event for that, or listening would keep it from
 * reporting the others, nothing happens.
 */
export function allowUnhandledRejections(
  isHarmless: (reason: unknown) => boolean,
): void {
  if (typeof globalThis.addEventListener !== "function") return;
  globalThis.addEventListener("unhandledrejection", (event) => {
    if (isHarmless(event.reason)) event.preventDefault();
  });
}

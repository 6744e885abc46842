// Copyright 2026 the asyncio authors. MIT license.

// The host's timers come from a module, not from `globalThis`: a test that
// replaces the global timers must not stop the loop's own machinery.
export {
  clearInterval as clearHostInterval,
  clearTimeout as clearHostTimeout,
  setImmediate as setHostImmediate,
  setInterval as setHostInterval,
  setTimeout as setHostTimeout,
} from "node:timers";

/** The longest delay that host timers take, in milliseconds (about 25 days). */
export const MAX_HOST_DELAY = 2 ** 31 - 1;

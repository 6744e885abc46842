// Copyright 2026 the asyncio authors. MIT license.

// Carries a value through an asynchronous context: awaits, timers, callbacks.
export { AsyncLocalStorage } from "node:async_hooks";

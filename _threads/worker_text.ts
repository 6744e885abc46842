// Copyright 2026 the asyncio authors. MIT license.

/**
 * The program of the workers as text, for bundles. The build of the npm package
 * puts it here.
 */
export const workerText: string | null = null;

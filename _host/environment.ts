// Copyright 2026 the asyncio authors. MIT license.

interface Process {
  env?: Record<string, string | undefined>;
}

/**
 * A variable of the environment, if it may be read. No permission is asked for.
 */
export function variable(name: string): string | undefined {
  try {
    if (typeof Deno === "undefined") {
      return (globalThis as { process?: Process }).process?.env?.[name];
    }
    const { state } = Deno.permissions.querySync({
      name: "env",
      variable: name,
    });
    return state === "granted" ? Deno.env.get(name) : undefined;
  } catch {
    return undefined; // a host that does not tell
  }
}

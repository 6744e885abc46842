// Copyright 2026 the asyncio authors. MIT license.

interface Process {
  getBuiltinModule?(name: string): unknown;
}

/** A module of the host, if it has it and gives it at run time. */
export function builtin<T>(name: string): T | undefined {
  // Read as a property: a bundler must not put a stand-in here.
  const { process } = globalThis as { process?: Process };
  try {
    return process?.getBuiltinModule?.(name) as T | undefined;
  } catch {
    return undefined;
  }
}

// Copyright 2026 the asyncio authors. MIT license.

/**
 * Deno's core, which has no public name. Nothing relies on it: where it is not
 * as expected, other means are used.
 *
 * @param methods What it must have.
 * @returns `null` if it does not have them, or the host is another one.
 */
export function denoCore<Core>(
  ...methods: (keyof Core & string)[]
): Core | null {
  if (typeof Deno === "undefined") return null;
  const { internal } = Deno as { internal?: symbol };
  if (typeof internal !== "symbol") return null;
  const core = Reflect.get(Deno, internal)?.core;
  return methods.every((name) => typeof core?.[name] === "function")
    ? core
    : null;
}

/**
 * Stands in for `jsr:@std/testing/time` on networks that reach npm but not JSR:
 * the same code, from a build of the `@std` sources on npm.
 *
 * That build cannot be imported as it is: it looks for `../data-structures/`
 * where the package has `data_structures/`. So its text is, with every relative
 * path turned into the specifier of the file that it means.
 *
 * @module
 */

// deno-lint-ignore no-import-prefix -- import map entries are for what is published
import source from "npm:deno-std@1.3.1/testing/time.js" with { type: "text" };
import type * as types from "./time.d.ts";

const PACKAGE = "npm:deno-std@1.3.1";

const mended = source
  .replaceAll(`"../data-structures/`, `"${PACKAGE}/data_structures/`)
  .replaceAll(`"./_time.js"`, `"${PACKAGE}/testing/_time.js"`);

const time: typeof types = await import(
  `data:text/javascript,${encodeURIComponent(mended)}`
);

export const FakeTime = time.FakeTime;
export type FakeTime = types.FakeTime;

export const TimeError = time.TimeError;
export type TimeError = types.TimeError;

export type { DelayOptions, FakeTimeOptions } from "./time.d.ts";

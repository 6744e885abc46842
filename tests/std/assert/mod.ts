/**
 * Stands in for `jsr:@std/assert` on networks that reach npm but not JSR: the
 * same code, from a build of the `@std` sources on npm.
 *
 * @module
 */

// @ts-types="./mod.d.ts"
export * from "npm:deno-std@1.3.1/assert/mod.js";

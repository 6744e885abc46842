/**
 * Stands in for `jsr:@std/testing/mock` on networks that reach npm but not JSR:
 * the same code, from a build of the `@std` sources on npm.
 *
 * @module
 */

// @ts-types="./mock.d.ts"
export * from "npm:deno-std@1.3.1/testing/mock.js";

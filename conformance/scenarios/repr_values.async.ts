// Long results are shortened, strings are quoted and escaped.
// Derived from repr_values.ts by `deno task conformance --record`.
import { getRunningLoop, run } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const values = [
    null,
    true,
    1,
    -1.5,
    "it's",
    "both ' and \"",
    "line\nbreak\ttab\\",
    "x".repeat(50),
    "暂停了1秒",
    Array.from({ length: 10 }, (_, index) => index),
    [[1, [2, [3, [4, [5, [6, [7]]]]]]]],
    10n ** 50n,
    ["a".repeat(40)],
    [],
  ];
  for (const value of values) {
    const future = loop.createFuture<unknown>();
    future.setResult(value);
    print(future);
  }
}

await run(main);

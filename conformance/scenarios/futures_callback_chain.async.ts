// A callback may end other futures and add other callbacks.
// Derived from futures_callback_chain.ts by `deno task conformance --record`.
import { CancelledError, getRunningLoop, run } from "@asyncio/asyncio";
import { print } from "../print.ts";

async function main() {
  const loop = getRunningLoop();
  const first = loop.createFuture<number>();
  const second = loop.createFuture<number>();
  const third = loop.createFuture<number>();
  first.addDoneCallback((done) => {
    print("first is", done.result());
    second.setResult(done.result() + 1);
    done.addDoneCallback(() => print("added while running"));
  });
  first.addDoneCallback(() => print("also first"));
  second.addDoneCallback(() => third.cancel());
  third.addDoneCallback((done) => print("third", done.cancelled()));
  loop.callLater(1, () => first.setResult(1));
  print("second is", await second);
  try {
    await third;
  } catch (error) {
    if (error instanceof CancelledError) print("third is cancelled");
  }
}

await run(main);

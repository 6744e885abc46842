// A closed loop refuses callbacks with an error.
// Derived from callbacks_closed.ts by `deno task conformance --record`.
import { getRunningLoop, newEventLoop } from "@asyncio/asyncio";
import { print } from "../print.ts";

function attempt(action: () => unknown) {
  try {
    action();
  } catch (error) {
    print(error);
  }
}

async function main() {
  const loop = getRunningLoop();
  attempt(() => loop.close());
}

const loop = newEventLoop();
await loop.runUntilComplete(main);
loop.close();
loop.close();
attempt(() => loop.callSoon(print));
attempt(() => loop.callLater(1, print));
attempt(() => loop.callAt(1, print));
await loop.runForever().catch((error) => print(error));
const future = loop.createFuture<number>();
future.setResult(1);
print(future.result(), loop.isClosed());

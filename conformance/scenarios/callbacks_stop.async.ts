// stop() ends the loop after the turn; later callbacks wait for the next run.
// Derived from callbacks_stop.ts by `deno task conformance --record`.
import { newEventLoop } from "@asyncio/asyncio";
import { print } from "../print.ts";

const loop = newEventLoop();

function stop() {
  print("stop", loop.isRunning());
  loop.stop();
  loop.callSoon(print, "in the next run");
}

loop.callSoon(stop);
loop.callSoon(print, "still in this turn");
loop.callLater(1, print, "timer");
print("nothing has run");
await loop.runForever();
print("stopped", loop.isRunning());
loop.callLater(2, () => loop.stop());
await loop.runForever();
print("stopped again", loop.time());
loop.close();
print(loop.isClosed());

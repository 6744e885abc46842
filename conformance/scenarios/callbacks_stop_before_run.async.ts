// A loop that is stopped before it runs takes exactly one turn.
// Derived from callbacks_stop_before_run.ts by `deno task conformance --record`.
import { newEventLoop, sleep } from "@asyncio/asyncio";
import { print } from "../print.ts";

const loop = newEventLoop();
loop.callSoon(() => loop.callSoon(print, "second turn"));
loop.callSoon(print, "first turn");
loop.stop();
await loop.runForever();
print("stopped");
loop.stop();
await loop.runForever();
print("stopped again");
loop.stop();
print(await loop.runUntilComplete(sleep(1, "complete")));
loop.close();

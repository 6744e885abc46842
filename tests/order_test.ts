import { assertEquals } from "@std/assert";
import { createTask, gather, sleep } from "@asyncio/asyncio";
import { inKind, inVirtualTime, testKinds } from "./_helpers.ts";

testKinds(
  "tasks take their steps in turn, in order of creation",
  async (kind) => {
    const log: string[] = [];
    const worker = inKind(kind, function* worker(name: string) {
      for (let i = 0; i < 3; i++) {
        log.push(`${name}${i}`);
        yield sleep(0);
      }
    });
    await inVirtualTime(
      inKind(kind, function* main() {
        yield gather(worker("a"), worker("b"), createTask(worker("c")));
      })(),
    );
    assertEquals(log.join(" "), "c0 a0 b0 c1 a1 b1 c2 a2 b2");
  },
);

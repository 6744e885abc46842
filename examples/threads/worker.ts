// Counts the words of pages that only the main thread can fetch.

import { connectLoop, runCoroutineThreadsafe } from "@asyncio/asyncio";
import type { Functions } from "../threads.ts";

const remote = connectLoop<Functions>(self);

/** Counts the words of one page, and reports them to the main thread. */
async function countWords(topic: string): Promise<void> {
  const fetching = remote.coroutine("fetchPage", topic);
  const page = await runCoroutineThreadsafe(fetching, remote);
  const words = page.split(/\s+/).length;
  const reporting = remote.coroutine("report", self.name, topic, words);
  await runCoroutineThreadsafe(reporting, remote);
}

for (const topic of ["tasks", "queues", "threads"]) {
  await countWords(`${topic} of ${self.name}`);
}
await runCoroutineThreadsafe(remote.coroutine("leave", self.name), remote);
self.close();

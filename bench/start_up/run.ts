// The shortest program: what the library adds to the start of a process.
import { run } from "@asyncio/asyncio";

await run(async () => {});

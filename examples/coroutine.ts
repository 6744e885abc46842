import { coroutine, getEventLoop, sleep } from "@asyncio/asyncio";

const do_work = coroutine(async function do_work() {
  console.log("Hello....");
  // 模拟阻塞1秒
  console.log("# 这里会暂停1秒");
  await sleep(1);
  console.log("world...");
});

const work = do_work();
console.log(work);

// 创建一个事件event_loop
const loop = getEventLoop();

// 将协程加入到event_loop中，并运行
await loop.runUntilComplete(work);

import { coroutine, getEventLoop, sleep } from "@asyncio/asyncio";

const do_work = coroutine(async function do_work() {
  console.log("这是一个Task例子....");
  // 模拟阻塞1秒
  await sleep(1);
  return "Task任务完成";
});

// 创建一个事件event_loop
const loop = getEventLoop();

// 创建一个task
const task = loop.createTask(do_work());
// 第一次打印task
console.log(task);

// 将task加入到event_loop中
await loop.runUntilComplete(task);
// 再次打印task
console.log(task);
console.log(task.result());

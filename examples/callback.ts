import { coroutine, type Future, getEventLoop, sleep } from "@asyncio/asyncio";

const do_work = coroutine(async function do_work() {
  console.log("这是一个Task例子....");
  // 模拟阻塞1秒
  await sleep(1);
  return "Task任务完成";
});

// 任务完成后的回调函数
function callback(task: Future<string>) {
  // 打印参数
  console.log(task);
  // 打印返回的结果
  console.log(task.result());
}

// 创建一个事件event_loop
const loop = getEventLoop();

// 创建一个task
const task = loop.createTask(do_work());
task.addDoneCallback(callback);

// 将task加入到event_loop中
await loop.runUntilComplete(task);

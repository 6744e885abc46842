import {
  coroutine,
  type Future,
  getEventLoop,
  sleep,
  wait,
} from "@asyncio/asyncio";

const do_work = coroutine(async function do_work(t: number) {
  console.log("暂停" + t + "秒");
  // 模拟阻塞1秒
  await sleep(t);
  return "暂停了" + t + "秒";
});

// 任务完成后的回调函数
function callback(future: Future<string>) {
  // 打印返回的结果
  console.log(future.result());
}

// 创建一个事件event_loop
const loop = getEventLoop();

const tasks = [];
let i = 0;
while (i <= 4) {
  const task = loop.createTask(do_work(i));
  task.addDoneCallback(callback);
  tasks.push(task);
  i += 1;
}

// 计时
const now = () => Date.now() / 1000;
const start = now();
// 将task加入到event_loop中
await loop.runUntilComplete(wait(tasks));

const end = now();
console.log("总共用时间:", end - start);

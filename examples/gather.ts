import {
  coroutine,
  type EventLoop,
  type Future,
  gather as gatherAll,
  getEventLoop,
  sleep,
} from "@asyncio/asyncio";

const do_work = coroutine(async function do_work(t: number) {
  console.log("暂停" + t + "秒");
  await sleep(t);
  return "暂停了" + t + "秒";
});

function callback(loop: EventLoop, gatheringFuture: Future<string[]>) {
  console.log(gatheringFuture);
  console.log("多个Task任务完成后的回调");
  loop.stop();
}

const loop = getEventLoop();

const gather = gatherAll(do_work(1), do_work(3));
gather.addDoneCallback((future) => callback(loop, future));

await loop.runForever();

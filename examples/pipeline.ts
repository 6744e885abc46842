/**
 * A pipeline: a producer, several workers and a consumer. The queues between
 * them make the fast tasks wait for the slow ones.
 */

import { coroutine, Queue, run, sleep, taskGroup } from "@asyncio/asyncio";

const ORDERS = 8;
const WORKERS = ["Ann", "Bob", "Cem"];

/** Fills the queue; waits whenever it is full. */
const produce = coroutine(async function produce(orders: Queue<number>) {
  for (let order = 1; order <= ORDERS; order++) {
    await orders.put(order);
    console.log(`order ${order} placed, ${orders.qsize()} waiting`);
  }
  orders.shutdown(); // the workers end when no order is left
});

/** Takes orders until there are no more. Later orders are quicker. */
const work = coroutine(async function work(
  name: string,
  orders: Queue<number>,
  parcels: Queue<string>,
) {
  for await (const order of orders) {
    await sleep((ORDERS - order) / 100);
    await parcels.put(`order ${order}, packed by ${name}`);
  }
});

/** Takes parcels in the order in which they are ready. */
const consume = coroutine(async function consume(parcels: Queue<string>) {
  let count = 0;
  for await (const parcel of parcels) {
    console.log(`sent: ${parcel}`);
    count++;
  }
  return count;
});

const sent = await run(async function main() {
  const orders = new Queue<number>(2);
  const parcels = new Queue<string>(2);
  return await taskGroup(async (group) => {
    const consumer = group.createTask(consume(parcels));
    group.createTask(produce(orders));
    await taskGroup(async (workers) => {
      for (const name of WORKERS) {
        workers.createTask(work(name, orders, parcels));
      }
    });
    parcels.shutdown(); // all workers are done
    return await consumer;
  });
});
console.log(`${sent} parcels sent`);

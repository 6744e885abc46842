"""How locks and queues print."""
# needs: 3.13
import asyncio


async def main():
    lock = asyncio.Lock()
    event = asyncio.Event()
    semaphore = asyncio.Semaphore(2)
    condition = asyncio.Condition()
    barrier = asyncio.Barrier(2)
    queue = asyncio.Queue(maxsize=2)
    print(lock, event, semaphore, condition, barrier, queue)
    await lock.acquire()
    await semaphore.acquire()
    await condition.acquire()
    await queue.put("item")
    tasks = [
        asyncio.create_task(coro)
        for coro in (lock.acquire(), event.wait(), barrier.wait())
    ]
    await asyncio.sleep(0)
    print(lock, event, semaphore, condition, barrier, queue)
    event.set()
    lock.release()
    await barrier.abort()
    await asyncio.wait(tasks)
    tasks[2].exception()
    queue.shutdown()
    print(lock, event, semaphore, condition, barrier, queue)


asyncio.run(main())

"""An immediate shutdown empties the queue and lets go all who wait."""
# needs: 3.13
import asyncio


async def joiner(queue):
    await queue.join()
    print("joined")


async def putter(queue):
    try:
        await queue.put("never")
    except asyncio.QueueShutDown as error:
        print("put:", type(error).__name__)


async def main():
    queue = asyncio.Queue(maxsize=2)
    queue.put_nowait(1)
    queue.put_nowait(2)
    tasks = [asyncio.create_task(joiner(queue)), asyncio.create_task(putter(queue))]
    await asyncio.sleep(1)
    queue.shutdown(immediate=True)
    print(queue.qsize(), queue.empty())
    await asyncio.wait(tasks)
    try:
        await queue.get()
    except asyncio.QueueShutDown as error:
        print("get:", type(error).__name__)
    try:
        queue.get_nowait()
    except asyncio.QueueShutDown:
        print("get_nowait refused")


asyncio.run(main())

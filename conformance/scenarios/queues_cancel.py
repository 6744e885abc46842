"""Cancelling who waits at a queue loses no item and no place."""
import asyncio


async def getter(queue, name):
    try:
        print(name, "got", await queue.get())
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def putter(queue, item):
    await queue.put(item)
    print("put", item)


async def main():
    queue = asyncio.Queue(maxsize=1)
    getters = [asyncio.create_task(getter(queue, name)) for name in "abc"]
    await asyncio.sleep(1)
    # The first item is on its way to the first getter when that is cancelled.
    queue.put_nowait("one")
    getters[0].cancel()
    await asyncio.sleep(1)
    await queue.put("two")
    await asyncio.wait(getters)
    await queue.put("fill")
    putters = [asyncio.create_task(putter(queue, item)) for item in "xyz"]
    await asyncio.sleep(1)
    print(queue.get_nowait())
    putters[0].cancel()
    await asyncio.sleep(1)
    print(await queue.get(), await queue.get(), queue.qsize())
    await asyncio.wait(putters)
    print([task.cancelled() for task in putters], queue.qsize())


asyncio.run(main())

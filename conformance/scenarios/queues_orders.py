"""A LifoQueue gives the last item first, a PriorityQueue the least."""
import asyncio


async def main():
    lifo = asyncio.LifoQueue()
    priority = asyncio.PriorityQueue()
    for item in (3, 1, 4, 1, 5, 9, 2, 6):
        await lifo.put(item)
        await priority.put(item)
    print([await lifo.get() for _ in range(lifo.qsize())])
    print([await priority.get() for _ in range(priority.qsize())])
    for item in ("b", "a", "c"):
        priority.put_nowait(item)
    print(priority.get_nowait(), priority.get_nowait())
    priority.put_nowait("aa")
    print(priority.get_nowait(), priority.get_nowait(), priority.empty())


asyncio.run(main())

"""How tasks print that wait for each other."""
import asyncio


async def child():
    await asyncio.sleep(1)


async def parent(task):
    await task


async def main():
    inner = asyncio.create_task(child())
    outer = asyncio.create_task(parent(inner))
    await asyncio.sleep(0)
    print(inner)
    print(outer)
    await outer
    print(inner)
    print(outer)
    coro = parent(inner)
    print(coro)
    coro.close()


asyncio.run(main())

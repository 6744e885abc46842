"""Awaiting a coroutine runs it in the same task, without a turn in between."""
import asyncio


async def immediate(depth):
    if depth > 0:
        return await immediate(depth - 1) + 1
    return 0


async def later(depth):
    if depth > 0:
        return await later(depth - 1) + 1
    await asyncio.sleep(0)
    return 0


async def main():
    loop = asyncio.get_running_loop()
    coro = immediate(3)
    loop.call_soon(print, "callback")
    print(await coro, "before the callback")
    print(await later(3), "after it")
    try:
        await coro
    except RuntimeError as error:
        print(error)


asyncio.run(main())

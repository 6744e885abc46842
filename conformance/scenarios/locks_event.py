"""An event wakes all who wait for it, in the order they came."""
import asyncio


async def waiter(event, name):
    print(name, await event.wait(), event.is_set())


async def main():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(event, name)) for name in "abc"]
    await asyncio.sleep(1)
    tasks[1].cancel()
    loop.call_soon(print, "soon")
    event.set()
    event.set()
    print(event.is_set(), await event.wait(), "without a turn")
    event.clear()
    print(event.is_set())
    await asyncio.wait(tasks)
    print(tasks[1].cancelled())
    loop.call_later(1, event.set)
    print(await event.wait(), int(loop.time()))


asyncio.run(main())

"""Waiters and callbacks of one future are told in the order they came."""
import asyncio


async def waiter(name, future):
    print(name, "got", await future)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    asyncio.create_task(waiter("a", future))
    await asyncio.sleep(0)
    future.add_done_callback(lambda _: print("callback"))
    asyncio.create_task(waiter("b", future))
    await asyncio.sleep(0)
    loop.call_soon(print, "soon")
    future.set_result(1)
    asyncio.create_task(waiter("c", future))
    print(await future)
    await asyncio.sleep(0)


asyncio.run(main())

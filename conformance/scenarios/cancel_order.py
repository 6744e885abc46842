"""Cancelled tasks get their turn in the order of their cancellation."""
import asyncio


async def work(name):
    try:
        await asyncio.sleep(60)
    finally:
        print(name, "out")


async def main():
    loop = asyncio.get_running_loop()
    tasks = {name: asyncio.create_task(work(name)) for name in "abc"}
    await asyncio.sleep(1)
    tasks["c"].cancel()
    loop.call_soon(print, "callback")
    tasks["a"].cancel()
    asyncio.create_task(work("late"))
    tasks["b"].cancel()
    tasks["c"].cancel()
    await asyncio.sleep(0)
    print("after one turn")
    await asyncio.sleep(0)
    print("after two turns", [task.done() for task in tasks.values()])


asyncio.run(main())

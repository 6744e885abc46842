"""Cancelling wait() does not cancel what it waits for."""
import asyncio


async def work(name):
    try:
        await asyncio.sleep(3)
        print(name, "ends")
    finally:
        print(name, "is over")


async def main():
    tasks = [asyncio.create_task(work(name)) for name in "ab"]
    waiting = asyncio.create_task(asyncio.wait(tasks))
    await asyncio.sleep(1)
    waiting.cancel("enough")
    try:
        await waiting
    except asyncio.CancelledError as error:
        print(repr(error), [task.cancelling() for task in tasks])
    await asyncio.wait(tasks)


asyncio.run(main())

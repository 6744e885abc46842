"""A task that catches its cancellation goes on, and ends as it likes."""
import asyncio


async def stubborn():
    for attempt in range(2):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            print("caught", error, asyncio.current_task().cancelling())
    await asyncio.sleep(1)
    return "survived"


async def main():
    task = asyncio.create_task(stubborn())
    await asyncio.sleep(1)
    task.cancel("first")
    await asyncio.sleep(1)
    print(task.done())
    task.cancel("second")
    print(await task, task.cancelled(), task.cancelling())
    print(int(asyncio.get_running_loop().time()))


asyncio.run(main())

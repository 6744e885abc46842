"""A group that fails in a task that has caught a cancellation before."""
# needs: 3.13
import asyncio


async def fail():
    raise ValueError("no luck")


async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("caught")
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fail())
    except ExceptionGroup as group:
        print(repr(group), asyncio.current_task().cancelling())
    await asyncio.sleep(1)
    print("went on")


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled())


asyncio.run(main())

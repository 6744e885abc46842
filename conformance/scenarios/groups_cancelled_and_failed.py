"""When a group is cancelled and has failures, the failures come out."""
# needs: 3.13
import asyncio


async def child():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise ValueError("cannot clean up")


async def parent():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(child())
    except ExceptionGroup as group:
        print(repr(group), asyncio.current_task().cancelling())
    try:
        await asyncio.sleep(1)
        print("never")
    except asyncio.CancelledError:
        print("still cancelled")
        raise


async def main():
    task = asyncio.create_task(parent())
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.wait([task])
    print(task.cancelled())


asyncio.run(main())

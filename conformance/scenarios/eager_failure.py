"""An eager task that fails at once keeps its exception for who awaits it."""
# needs: 3.14
import asyncio


async def fail():
    raise ValueError("at once")


async def cancels():
    asyncio.current_task().cancel("itself")
    await asyncio.sleep(0)


async def main():
    task = asyncio.create_task(fail(), eager_start=True)
    try:
        await task
    except ValueError as error:
        print(repr(error))
    task = asyncio.create_task(cancels(), eager_start=True)
    print(task.done(), task.cancelling())
    await asyncio.wait([task])
    print(task.cancelled())
    task = asyncio.create_task(asyncio.sleep(60), eager_start=True)
    task.cancel("after its first step")
    try:
        await task
    except asyncio.CancelledError as error:
        print(repr(error))


asyncio.run(main())

"""A cancellation that the awaited task suppresses ends there."""
import asyncio


async def child():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("child says no")
    return "child result"


async def parent():
    result = await asyncio.create_task(child())
    print("parent got", result)
    await asyncio.sleep(1)
    return "parent result"


async def main():
    task = asyncio.create_task(parent())
    await asyncio.sleep(1)
    task.cancel()
    print(await task, task.cancelling(), task.cancelled())


asyncio.run(main())

"""Cancelling a task that waits for a task cancels the innermost one first."""
import asyncio


async def child():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print("child", repr(error))
        raise


async def parent(task):
    try:
        await task
    except asyncio.CancelledError as error:
        print("parent", repr(error), task.cancelled())
        raise


async def main():
    inner = asyncio.create_task(child())
    outer = asyncio.create_task(parent(inner))
    other = asyncio.create_task(parent(inner))
    await asyncio.sleep(1)
    outer.cancel("enough")
    print(inner.cancelling(), outer.cancelling(), other.cancelling())
    await asyncio.wait([outer, other])
    print(inner.cancelled(), outer.cancelled(), other.cancelled())


asyncio.run(main())

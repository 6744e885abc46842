"""Requests to cancel are counted; uncancel() takes one back."""
# needs: 3.13
import asyncio


async def work():
    task = asyncio.current_task()
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        print("cancelling", task.cancelling())
    print("uncancel", task.uncancel())
    print("uncancel", task.uncancel())
    print("uncancel", task.uncancel())
    await asyncio.sleep(1)
    return "went on"


async def main():
    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    print(task.cancel("one"), task.cancel("two"), task.cancelling())
    print(await task, task.cancelling(), task.cancelled())


asyncio.run(main())

"""A coroutine that throws CancelledError by itself makes its task cancelled."""
import asyncio


async def work(wait):
    if wait:
        await asyncio.sleep(1)
    raise asyncio.CancelledError("by hand")


async def main():
    for wait in (False, True):
        task = asyncio.create_task(work(wait))
        try:
            await task
        except asyncio.CancelledError as error:
            print(repr(error))
        print(task.cancelled(), task.cancelling())
        print(asyncio.current_task().cancelling())


asyncio.run(main())

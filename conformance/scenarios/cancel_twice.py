"""Of two cancellations before the task runs, which message it gets."""
import asyncio


async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print(repr(error), asyncio.current_task().cancelling())
        raise


async def main():
    for start in (False, True):
        task = asyncio.create_task(work())
        if start:
            await asyncio.sleep(0)
        task.cancel("one")
        task.cancel("two")
        try:
            await task
        except asyncio.CancelledError as error:
            print(repr(error))
        print(task.cancelled(), task.cancelling())


asyncio.run(main())

"""Cancelling a task throws CancelledError where it waits."""
import asyncio


async def work():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print("work got", repr(error))
        raise
    finally:
        print("work is over")


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    await asyncio.sleep(1)
    print(task.cancel("enough"), task.cancelled(), task.cancelling())
    try:
        await task
    except asyncio.CancelledError as error:
        print("main got", repr(error))
    print(task.cancelled(), task.done(), int(loop.time()))
    print(task.cancel(), task.cancelling())


asyncio.run(main())

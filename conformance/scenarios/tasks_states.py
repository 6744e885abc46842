"""A task is pending until its coroutine has ended."""
import asyncio


async def work():
    print("work begins")
    await asyncio.sleep(1)
    return "result"


async def main():
    task = asyncio.create_task(work())
    print(task.done(), task.cancelled(), task.cancelling())
    try:
        task.result()
    except asyncio.InvalidStateError as error:
        print(type(error).__name__)
    await asyncio.sleep(0.5)
    try:
        task.exception()
    except asyncio.InvalidStateError as error:
        print(type(error).__name__)
    print(await task)
    print(task.done(), task.cancelled(), task.result(), task.exception())
    print(task.cancel(), task.cancelled())


asyncio.run(main())

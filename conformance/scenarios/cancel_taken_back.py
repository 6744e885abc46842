"""A cancellation that is taken back before it arrives never does."""
# needs: 3.13
import asyncio


async def work():
    print("begins")
    result = await asyncio.sleep(1, "slept")
    print("ends")
    return result


async def main():
    task = asyncio.create_task(work())
    task.cancel()
    print(task.cancelling(), task.uncancel())
    print(await task)
    # Two requests, of which one is taken back: it is still cancelled.
    task = asyncio.create_task(work())
    task.cancel("a")
    task.cancel("b")
    print(task.uncancel())
    try:
        await task
    except asyncio.CancelledError as error:
        print(repr(error))


asyncio.run(main())

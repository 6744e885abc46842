"""A cancellation goes out through every coroutine of the task."""
import asyncio


async def inner():
    try:
        await asyncio.sleep(60)
    finally:
        print("inner", asyncio.current_task().cancelling())


async def middle():
    try:
        await inner()
    except asyncio.CancelledError as error:
        print("middle", error)
        raise asyncio.CancelledError("from the middle")


async def outer():
    try:
        await middle()
    finally:
        print("outer")


async def main():
    task = asyncio.create_task(outer())
    await asyncio.sleep(1)
    task.cancel("from main")
    try:
        await task
    except asyncio.CancelledError as error:
        print(error)
    print(task.cancelled())


asyncio.run(main())

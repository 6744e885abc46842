"""A task that is cancelled before its first step never begins."""
import asyncio


async def work():
    print("never")
    try:
        await asyncio.sleep(1)
    finally:
        print("never either")


async def main():
    task = asyncio.create_task(work())
    task.add_done_callback(lambda done: print("done", done.cancelled()))
    print(task.cancel("too early"), task.done())
    await asyncio.sleep(0)
    print(task.done(), task.cancelled())
    try:
        await task
    except asyncio.CancelledError as error:
        print(repr(error))


asyncio.run(main())

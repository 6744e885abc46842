"""Failures while the group is shutting down come out together."""
import asyncio


async def fail(seconds, name):
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        raise ValueError(f"{name}, when cancelled")
    raise ValueError(f"{name}, by itself")


async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            for seconds, name in ((60, "a"), (1, "b")):
                tg.create_task(fail(seconds, name))
    except ExceptionGroup as group:
        print(group)
        for error in group.exceptions:
            print(repr(error))
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fail(60, "task"))
            await asyncio.sleep(1)
            raise TypeError("body")
    except ExceptionGroup as group:
        for error in group.exceptions:
            print(repr(error))


asyncio.run(main())

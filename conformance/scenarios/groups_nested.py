"""A failure in an inner group goes out as a group in a group."""
# needs: 3.13
import asyncio


async def fail(message):
    await asyncio.sleep(1)
    raise ValueError(message)


async def inner():
    async with asyncio.TaskGroup() as tg:
        tg.create_task(fail("inner"))
        await asyncio.sleep(60)


async def main():
    try:
        async with asyncio.TaskGroup() as outer:
            sibling = outer.create_task(asyncio.sleep(60))
            outer.create_task(inner())
    except ExceptionGroup as group:
        print(repr(group))
    print(sibling.cancelled())
    try:
        async with asyncio.TaskGroup():
            async with asyncio.TaskGroup() as innermost:
                innermost.create_task(fail("innermost"))
    except ExceptionGroup as group:
        print(repr(group))
    print(asyncio.current_task().cancelling())


asyncio.run(main())

"""The first failure of a task cancels the body and the other tasks."""
import asyncio


async def work(name):
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print(name, repr(error))
        raise


async def fail(seconds):
    await asyncio.sleep(seconds)
    raise ValueError(f"after {seconds}")


async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            other = tg.create_task(work("other"))
            tg.create_task(fail(1))
            tg.create_task(fail(3))
            await work("body")
    except ExceptionGroup as group:
        print(group)
        print([repr(error) for error in group.exceptions])
    print(other.cancelled(), asyncio.current_task().cancelling())
    print(int(asyncio.get_running_loop().time()))


asyncio.run(main())

"""A task of a group that is cancelled by itself disturbs nobody."""
import asyncio


async def work(name, seconds):
    await asyncio.sleep(seconds)
    print(name, "ends")


async def main():
    async with asyncio.TaskGroup() as tg:
        first = tg.create_task(work("first", 60))
        tg.create_task(work("second", 2))
        await asyncio.sleep(1)
        first.cancel()
        never = tg.create_task(work("never", 1))
        never.cancel()
    print(first.cancelled(), never.cancelled())
    print(asyncio.current_task().cancelling())


asyncio.run(main())

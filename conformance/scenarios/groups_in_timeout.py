"""A timeout around a group cancels its tasks; the group gives way."""
import asyncio


async def child(name):
    try:
        await asyncio.sleep(60)
    finally:
        print(name, "out")


async def main():
    try:
        async with asyncio.timeout(1):
            async with asyncio.TaskGroup() as tg:
                tg.create_task(child("child"))
    except TimeoutError as error:
        print(repr(error), asyncio.current_task().cancelling())
    async with asyncio.TaskGroup() as tg:
        slow = tg.create_task(child("slow"))
        try:
            async with asyncio.timeout(1):
                await slow
        except TimeoutError:
            print("timed out", slow.cancelled())
    print(int(asyncio.get_running_loop().time()))


asyncio.run(main())

"""In which order a group cancels its tasks."""
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
                for name in "abcdef":
                    tg.create_task(child(name))
    except TimeoutError:
        print("timed out")


asyncio.run(main())

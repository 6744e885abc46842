"""An eager task of a group that fails at once cancels the body."""
# needs: 3.14
import asyncio


async def fail():
    raise ValueError("at once")


async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            other = tg.create_task(asyncio.sleep(60))
            tg.create_task(fail(), eager_start=True)
            print("body goes on")
            await asyncio.sleep(0)
            print("never")
    except ExceptionGroup as group:
        print(repr(group))
    print(other.cancelled(), asyncio.current_task().cancelling())


asyncio.run(main())

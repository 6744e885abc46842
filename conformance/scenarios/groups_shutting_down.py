"""A group that is shutting down takes no more tasks."""
# needs: 3.13
import asyncio


async def fail():
    raise ValueError("no luck")


async def main():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(fail())
            try:
                await asyncio.sleep(60)
            finally:
                coro = asyncio.sleep(1)
                try:
                    tg.create_task(coro)
                except RuntimeError:
                    print("refused")
                    coro.close()
    except ExceptionGroup as group:
        print(repr(group))
    print(asyncio.current_task().cancelling())


asyncio.run(main())

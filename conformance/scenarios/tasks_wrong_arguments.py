"""Only coroutines become tasks."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    for wrong in (1, "text", None, loop.create_future()):
        try:
            asyncio.create_task(wrong)
        except TypeError:
            print("TypeError")
    try:
        await asyncio.gather(1)
    except TypeError:
        print("TypeError from gather")
    try:
        asyncio.ensure_future("text")
    except TypeError:
        print("TypeError from ensure_future")
    task = asyncio.create_task(asyncio.sleep(0))
    print(asyncio.isfuture(task), asyncio.iscoroutine(task))
    await task


asyncio.run(main())

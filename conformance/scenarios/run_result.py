"""run() gives the result, or throws what the coroutine throws."""
import asyncio


async def result():
    await asyncio.sleep(1)
    return "result"


async def fail():
    await asyncio.sleep(1)
    raise ValueError("no luck")


async def cancelled():
    asyncio.current_task().cancel("by itself")
    await asyncio.sleep(1)


async def nested():
    coro = result()
    try:
        asyncio.run(coro)
    except RuntimeError as error:
        print(error)
        coro.close()


print(asyncio.run(result()))
for main in (fail, cancelled):
    try:
        asyncio.run(main())
    except (ValueError, asyncio.CancelledError) as error:
        print(repr(error))
asyncio.run(nested())

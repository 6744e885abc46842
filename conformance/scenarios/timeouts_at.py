"""timeout_at() takes a moment, by the clock of the loop."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1)
    try:
        async with asyncio.timeout_at(loop.time() + 2) as scope:
            print(scope.when() == 3)
            await asyncio.sleep(60)
    except TimeoutError:
        print("timed out", int(loop.time()))
    try:
        async with asyncio.timeout_at(1):
            await asyncio.sleep(60)
    except TimeoutError:
        print("in the past", int(loop.time()))
    async with asyncio.timeout_at(None) as scope:
        print(scope.when(), scope.expired())


asyncio.run(main())

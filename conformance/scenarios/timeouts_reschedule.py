"""The deadline can be moved while the body runs, and not any more after it."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as scope:
        print(scope.when())
        scope.reschedule(loop.time() + 1)
        scope.reschedule(loop.time() + 3)
        await asyncio.sleep(2)
        print(scope.when(), scope.expired())
        scope.reschedule(None)
        await asyncio.sleep(10)
    try:
        scope.reschedule(loop.time() + 1)
    except RuntimeError as error:
        print(error)
    try:
        async with asyncio.timeout(60) as scope:
            scope.reschedule(loop.time() - 1)
            print(scope.expired())
            await asyncio.sleep(1)
    except TimeoutError:
        print(scope.expired(), int(loop.time()))
    try:
        scope.reschedule(None)
    except RuntimeError as error:
        print(error)


asyncio.run(main())

"""A body that takes too long is cancelled, and TimeoutError comes out."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(1):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError as error:
                print("inside", repr(error), asyncio.current_task().cancelling())
                raise
    except TimeoutError as error:
        print("outside", repr(error), repr(error.__cause__))
    print(asyncio.current_task().cancelling(), int(loop.time()))
    async with asyncio.timeout(2) as scope:
        await asyncio.sleep(1)
        print("in time")
    print(scope.expired(), int(loop.time()))
    await asyncio.sleep(5)
    print("nothing comes later")


asyncio.run(main())

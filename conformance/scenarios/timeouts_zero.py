"""A timeout without time lets the body run up to its first wait."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    for delay in (0, -1):
        try:
            async with asyncio.timeout(delay):
                print("begins")
                await asyncio.sleep(0)
                print("one turn is enough for nothing")
                await asyncio.sleep(0)
                print("never")
        except TimeoutError:
            print("timed out", int(loop.time()))
    async with asyncio.timeout(0):
        print("does not wait")
    await asyncio.sleep(0)
    print(asyncio.current_task().cancelling())


asyncio.run(main())

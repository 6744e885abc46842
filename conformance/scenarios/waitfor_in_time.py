"""wait_for() gives the result of what ends in time, or its exception."""
import asyncio


async def fail():
    await asyncio.sleep(1)
    raise ValueError("no luck")


async def main():
    loop = asyncio.get_running_loop()
    print(await asyncio.wait_for(asyncio.sleep(1, "in time"), 2))
    try:
        await asyncio.wait_for(fail(), 2)
    except ValueError as error:
        print(repr(error))
    print(await asyncio.wait_for(asyncio.sleep(5, "no limit"), None))
    future = loop.create_future()
    future.set_result("done before")
    print(await asyncio.wait_for(future, 0), await asyncio.wait_for(future, -1))
    print(int(loop.time()))


asyncio.run(main())

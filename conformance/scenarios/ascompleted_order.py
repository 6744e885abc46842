"""as_completed() gives what is done first first."""
import asyncio


async def work(seconds, name):
    await asyncio.sleep(seconds)
    return name


async def main():
    loop = asyncio.get_running_loop()
    for next_one in asyncio.as_completed([work(3, "c"), work(1, "a"), work(2, "b")]):
        print(await next_one, int(loop.time()))
    ready = loop.create_future()
    ready.set_result("ready")
    for next_one in asyncio.as_completed([work(1, "later"), ready]):
        print(await next_one, int(loop.time()))
    print(list(asyncio.as_completed([])))


asyncio.run(main())

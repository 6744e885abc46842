"""gather() gives the results in the order of its arguments."""
import asyncio


async def work(seconds, name):
    print(name, "begins")
    await asyncio.sleep(seconds)
    print(name, "ends")
    return name


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(2, future.set_result, "future")
    results = await asyncio.gather(work(3, "a"), work(1, "b"), future)
    print(results, int(loop.time()))
    print(await asyncio.gather(*[work(1, name) for name in "xy"]))
    print(await asyncio.gather())


asyncio.run(main())

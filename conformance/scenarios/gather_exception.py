"""The first exception comes out of gather() at once; the others run on."""
import asyncio


async def work(seconds, name):
    await asyncio.sleep(seconds)
    print(name, "ends")
    return name


async def fail(seconds, name):
    await asyncio.sleep(seconds)
    raise ValueError(name)


async def main():
    loop = asyncio.get_running_loop()
    other = asyncio.create_task(work(3, "slow"))
    try:
        await asyncio.gather(work(1, "quick"), fail(2, "first"), other, fail(2.5, "second"))
    except ValueError as error:
        print(repr(error), loop.time() == 2)
    print(other.done())
    print(await other)


asyncio.run(main())

"""How the future of gather(), a shield and their children print."""
import asyncio


async def work(name):
    await asyncio.sleep(1)
    return name


async def main():
    future = asyncio.gather(work("a"), work("b"))
    print(future)
    child = asyncio.create_task(work("child"))
    outer = asyncio.gather(child)
    print(child)
    await future
    print(future)
    await outer
    print(child)
    other = asyncio.gather(work("c"))
    await asyncio.sleep(0)
    other.cancel()
    await asyncio.wait([other])
    print(other)
    try:
        await other
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(main())

"""How handles print."""
import asyncio


def callback():
    pass


async def main():
    loop = asyncio.get_running_loop()
    soon = loop.call_soon(callback)
    print(soon)
    soon.cancel()
    print(soon)
    later = loop.call_at(5.5, callback)
    print(later)
    later.cancel()
    print(later)
    print(loop.call_soon(callback))
    await asyncio.sleep(0)


asyncio.run(main())

"""A timer can call off a later one."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    later = loop.call_later(2, print, "never")
    loop.call_later(1, later.cancel)
    print(later.when() - loop.time() == 2)
    await asyncio.sleep(3)
    print(later.cancelled(), int(loop.time()))


asyncio.run(main())

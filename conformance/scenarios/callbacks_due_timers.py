"""A timer that is due comes after what was ready, and before what that adds."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def ready(name):
        print(name)
        loop.call_soon(print, name, "adds")

    loop.call_later(0, print, "no delay")
    loop.call_later(-1, print, "negative delay")
    loop.call_soon(ready, "ready")
    await asyncio.sleep(0)
    print("main again")
    await asyncio.sleep(0)
    print("main ends")


asyncio.run(main())

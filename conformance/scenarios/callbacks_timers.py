"""Timers fire in the order of their deadlines, whenever they were set."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()

    def tell(name):
        print(name, int(loop.time()))

    loop.call_later(3, tell, "three")
    loop.call_later(1, tell, "one")
    loop.call_at(loop.time() + 2, tell, "two")
    loop.call_later(1, lambda: loop.call_later(3, tell, "one and three"))
    loop.call_soon(tell, "soon")
    await asyncio.sleep(5)
    tell("main")


asyncio.run(main())

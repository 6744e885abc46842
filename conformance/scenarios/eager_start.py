"""An eager task runs up to its first wait while it is being created."""
# needs: 3.14
import asyncio


async def work(name):
    print(name, "begins")
    await asyncio.sleep(0)
    print(name, "ends")
    return name


async def main():
    loop = asyncio.get_running_loop()
    lazy = asyncio.create_task(work("lazy"))
    loop.call_soon(print, "callback")
    eager = asyncio.create_task(work("eager"), eager_start=True)
    print("created", eager.done())
    print(await eager, await lazy)


asyncio.run(main())

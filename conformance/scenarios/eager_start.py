"""An eager task runs up to its first wait while it is being created."""
# needs: 3.14
import asyncio


async def work(name):
    print(name, "begins")
    await asyncio.sleep(0)
    print(name, "ends")
    return name


async def immediate():
    return "no wait"


async def main():
    loop = asyncio.get_running_loop()
    lazy = asyncio.create_task(work("lazy"))
    eager = asyncio.create_task(work("eager"), eager_start=True)
    print("created", eager.done())
    done = asyncio.create_task(immediate(), eager_start=True)
    print(done.done(), done.result())
    loop.call_soon(print, "no turn for this")
    print(await done)
    print(await eager, await lazy)


asyncio.run(main())

"""A task that has waited in wait_for() and then cancels itself, is cancelled once."""
import asyncio


async def work():
    return "result"


async def main():
    print(await asyncio.wait_for(work(), 1))
    asyncio.current_task().cancel("by itself")
    for _ in range(2):
        try:
            print(await asyncio.sleep(1, "slept"))
        except asyncio.CancelledError as error:
            print(repr(error))
    print(int(asyncio.get_running_loop().time()))


asyncio.run(main())

"""A chain of tasks that wait for each other ends one turn after the other."""
import asyncio


async def link(number, previous):
    result = await previous
    print("link", number, "got", result)
    return result + 1


async def main():
    loop = asyncio.get_running_loop()
    start = loop.create_future()
    last = start
    for number in range(3):
        last = asyncio.create_task(link(number, last))
    await asyncio.sleep(1)
    start.set_result(0)
    for turn in range(4):
        loop.call_soon(print, "turn", turn)
        await asyncio.sleep(0)
    print(await last)


asyncio.run(main())

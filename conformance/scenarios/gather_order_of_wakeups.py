"""How many turns it takes from the last child to the waiting task."""
import asyncio


async def work(name, turns):
    for _ in range(turns):
        await asyncio.sleep(0)
    print(name, "ends")


async def count_turns(times):
    for number in range(times):
        print("turn", number)
        await asyncio.sleep(0)


async def main():
    counter = asyncio.create_task(count_turns(6))
    await asyncio.gather(work("a", 2), work("b", 0))
    print("gathered")
    await counter


asyncio.run(main())

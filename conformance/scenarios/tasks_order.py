"""Tasks take turns, in the order they were created."""
import asyncio


async def count(name, times):
    for number in range(times):
        print(name, number)
        await asyncio.sleep(0)
    print(name, "ends")


async def main():
    asyncio.create_task(count("a", 2))
    b = asyncio.create_task(count("b", 4))
    asyncio.create_task(count("c", 1))
    print("all created")
    await b
    print("b awaited")


asyncio.run(main())

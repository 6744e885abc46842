"""A barrier lets its parties go on together, again and again."""
import asyncio


async def party(barrier, name, seconds):
    for _ in range(2):
        await asyncio.sleep(seconds)
        print(name, "waits", barrier.n_waiting)
        place = await barrier.wait()
        print(name, "goes on", place, int(asyncio.get_running_loop().time()))


async def main():
    barrier = asyncio.Barrier(3)
    print(barrier.parties, barrier.n_waiting, barrier.broken)
    await asyncio.gather(
        party(barrier, "a", 1), party(barrier, "b", 3), party(barrier, "c", 2)
    )
    print(barrier.parties, barrier.n_waiting, barrier.broken)
    print(await asyncio.Barrier(1).wait())
    try:
        asyncio.Barrier(0)
    except ValueError:
        print("ValueError")


asyncio.run(main())

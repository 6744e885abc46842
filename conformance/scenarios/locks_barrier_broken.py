"""abort() breaks a barrier, reset() mends it and sends those who wait away."""
import asyncio


async def party(barrier, name):
    try:
        print(name, await barrier.wait())
    except asyncio.BrokenBarrierError as error:
        print(name, type(error).__name__)
    except asyncio.CancelledError:
        print(name, "cancelled")
        raise


async def main():
    barrier = asyncio.Barrier(3)
    for action in (barrier.abort, barrier.reset):
        tasks = [asyncio.create_task(party(barrier, name)) for name in "ab"]
        await asyncio.sleep(1)
        print("waiting", barrier.n_waiting)
        await action()
        await asyncio.wait(tasks)
        print("broken", barrier.broken)
        await party(barrier, "late") if barrier.broken else None
    tasks = [asyncio.create_task(party(barrier, name)) for name in "abc"]
    tasks[0].cancel()
    await asyncio.sleep(1)
    print("waiting", barrier.n_waiting)
    await party(barrier, "main")
    await asyncio.wait(tasks)


asyncio.run(main())

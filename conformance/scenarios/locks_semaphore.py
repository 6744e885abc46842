"""A semaphore lets so many in at a time, in the order they came."""
import asyncio


async def work(semaphore, name):
    async with semaphore:
        print(name, "in", int(asyncio.get_running_loop().time()))
        await asyncio.sleep(1)
    print(name, "out")


async def main():
    semaphore = asyncio.Semaphore(2)
    await asyncio.gather(*[work(semaphore, name) for name in "abcde"])
    print(semaphore.locked())
    empty = asyncio.Semaphore(0)
    print(empty.locked())
    task = asyncio.create_task(work(empty, "late"))
    await asyncio.sleep(0)
    empty.release()
    empty.release()
    print(empty.locked())
    await task
    await empty.acquire()
    await empty.acquire()
    print(empty.locked())
    try:
        asyncio.Semaphore(-1)
    except ValueError as error:
        print("ValueError")


asyncio.run(main())

"""Who puts into a full queue waits until there is room."""
import asyncio


async def producer(queue, name):
    for number in range(3):
        await queue.put(f"{name}{number}")
        print("put", f"{name}{number}", queue.qsize())


async def main():
    queue = asyncio.Queue(maxsize=2)
    tasks = [asyncio.create_task(producer(queue, name)) for name in "ab"]
    await asyncio.sleep(1)
    print(queue.full(), queue.maxsize)
    try:
        queue.put_nowait("too much")
    except asyncio.QueueFull as error:
        print(repr(error))
    for _ in range(6):
        print("got", await queue.get())
        await asyncio.sleep(1)
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty as error:
        print(repr(error))
    print([task.done() for task in tasks])


asyncio.run(main())

"""A queue gives its items in order, to who waits first."""
import asyncio


async def consumer(queue, name):
    while True:
        item = await queue.get()
        print(name, "got", item)
        queue.task_done()


async def main():
    queue = asyncio.Queue()
    consumers = [asyncio.create_task(consumer(queue, name)) for name in "ab"]
    await asyncio.sleep(1)
    for item in range(5):
        queue.put_nowait(item)
    print(queue.qsize(), queue.empty(), queue.full(), queue.maxsize)
    await queue.join()
    print("joined", queue.qsize())
    await queue.put("last")
    await queue.join()
    for task in consumers:
        task.cancel()
    await asyncio.wait(consumers)
    try:
        queue.task_done()
    except ValueError as error:
        print(error)


asyncio.run(main())

"""A queue that is shut down takes nothing more, and gives what it has."""
# needs: 3.13
import asyncio


async def attempt(name, coro):
    try:
        print(name, await coro)
    except asyncio.QueueShutDown as error:
        print(name, type(error).__name__)


async def main():
    queue = asyncio.Queue(maxsize=2)
    queue.put_nowait("one")
    queue.put_nowait("two")
    putter = asyncio.create_task(attempt("putter", queue.put("three")))
    await asyncio.sleep(1)
    queue.shutdown()
    queue.shutdown()
    await putter
    try:
        queue.put_nowait("four")
    except asyncio.QueueShutDown:
        print("put_nowait refused")
    await attempt("get", queue.get())
    print(queue.get_nowait())
    await attempt("get", queue.get())
    empty = asyncio.Queue()
    getters = [asyncio.create_task(attempt(name, empty.get())) for name in "ab"]
    await asyncio.sleep(1)
    empty.shutdown()
    await asyncio.wait(getters)
    queue.task_done()
    queue.task_done()
    await queue.join()
    print("joined")


asyncio.run(main())

"""wait() gives up after its timeout, without an error and cancelling nothing."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(asyncio.sleep(n, n)) for n in (1, 4)]
    done, pending = await asyncio.wait(tasks, timeout=2)
    print(len(done), len(pending), int(loop.time()))
    done, pending = await asyncio.wait(pending, timeout=0)
    print(len(done), len(pending), int(loop.time()))
    done, pending = await asyncio.wait(pending, timeout=None)
    print(len(done), len(pending), int(loop.time()))
    print([task.cancelled() for task in tasks])


asyncio.run(main())

"""Tasks that wait for one future wake up in the order they began to wait."""
import asyncio


async def waiter(name, future):
    print(name, "waits")
    print(name, "got", await future)


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    tasks = [asyncio.create_task(waiter(name, future)) for name in "abc"]
    await asyncio.sleep(0)
    future.add_done_callback(lambda _: print("callback"))
    tasks[1].cancel()
    await asyncio.sleep(0)
    # The future was cancelled with the task that waited for it.
    print(future.cancelled())
    for task in tasks:
        print(task.done(), task.cancelled())
    await asyncio.wait(tasks)
    for task in tasks:
        print(task.cancelled())


asyncio.run(main())

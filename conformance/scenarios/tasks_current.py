"""The current task is right in every coroutine and in no callback."""
import asyncio


async def inner(expected):
    print("inner", asyncio.current_task() is expected)
    await asyncio.sleep(0)
    print("inner later", asyncio.current_task() is expected)


async def work():
    await inner(asyncio.current_task())


async def main():
    loop = asyncio.get_running_loop()
    me = asyncio.current_task()
    loop.call_soon(lambda: print("callback", asyncio.current_task()))
    task = asyncio.create_task(work())
    task.add_done_callback(lambda _: print("done", asyncio.current_task()))
    print("all", asyncio.all_tasks() == {me, task})
    await task
    print("main", asyncio.current_task() is me)
    print("all", asyncio.all_tasks() == {me})
    print("of the loop", asyncio.current_task(loop) is me)


asyncio.run(main())

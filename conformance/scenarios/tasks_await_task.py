"""Who waits for a task goes on one turn after it has ended."""
import asyncio


async def work():
    asyncio.get_running_loop().call_soon(print, "scheduled by work")
    print("work ends")
    return 1


async def main():
    loop = asyncio.get_running_loop()
    task = asyncio.create_task(work())
    task.add_done_callback(lambda _: print("done callback"))
    loop.call_soon(print, "scheduled by main")
    print(await task)
    loop.call_soon(print, "no turn for this")
    print(await task, "again")
    print(await asyncio.ensure_future(task), asyncio.ensure_future(task) is task)
    await asyncio.sleep(0)


asyncio.run(main())

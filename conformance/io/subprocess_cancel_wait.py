"""A wait that is cancelled does nothing to the process, nor to other waits."""
import asyncio
from asyncio.subprocess import PIPE


async def main():
    process = await asyncio.create_subprocess_exec("cat", stdin=PIPE)
    tasks = [asyncio.create_task(process.wait()) for _ in range(3)]
    for task in tasks:
        task.add_done_callback(
            lambda done: print(tasks.index(done), done.cancelled()))
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    print(process.returncode, tasks[1].cancel())
    process.kill()
    print(await process.wait())
    results = await asyncio.gather(tasks[0], tasks[2])
    await asyncio.sleep(0)
    print(results)


asyncio.run(main())

"""A task that is cancelled while it starts a process, or with one, ends."""
import asyncio
import logging
from asyncio.subprocess import PIPE

logging.disable()


async def start():
    process = await asyncio.create_subprocess_exec("sleep", "0.1", stdout=PIPE)
    await process.wait()


async def main():
    for turns in range(4):
        task = asyncio.create_task(start())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            print("cancelled")


asyncio.run(main())

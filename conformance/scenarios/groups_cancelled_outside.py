"""Cancelling the task of a group cancels the group's tasks and waits for them."""
import asyncio


async def child(name):
    try:
        await asyncio.sleep(60)
    finally:
        print(name, "cleans up")
        await asyncio.sleep(1)
        print(name, "is over")


async def parent(in_body):
    async with asyncio.TaskGroup() as tg:
        tg.create_task(child("child"))
        if in_body:
            await asyncio.sleep(60)


async def main():
    for in_body in (True, False):
        task = asyncio.create_task(parent(in_body))
        await asyncio.sleep(1)
        task.cancel("from outside")
        try:
            await task
        except asyncio.CancelledError as error:
            print(repr(error), task.cancelling())
        print(task.cancelled(), int(asyncio.get_running_loop().time()))


asyncio.run(main())

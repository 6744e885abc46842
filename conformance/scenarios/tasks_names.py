"""A task has a name, which can be given and changed."""
import asyncio


async def work():
    print("inside", asyncio.current_task().get_name())


async def main():
    task = asyncio.create_task(work(), name="given")
    print(task.get_name())
    task.set_name("changed")
    await task
    unnamed = asyncio.create_task(work(), name="")
    print(repr(unnamed.get_name()))
    automatic = asyncio.create_task(asyncio.sleep(0))
    print(automatic.get_name().startswith("Task-"))
    await automatic


asyncio.run(main())

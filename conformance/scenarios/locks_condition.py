"""A condition wakes as many as it is told to, one at a time."""
import asyncio


async def waiter(condition, name):
    async with condition:
        print(name, "waits")
        print(name, await condition.wait(), condition.locked())
        await asyncio.sleep(1)
        print(name, "ends", int(asyncio.get_running_loop().time()))


async def main():
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waiter(condition, name)) for name in "abcd"]
    await asyncio.sleep(1)
    async with condition:
        condition.notify(2)
        print("notified", condition.locked())
        await asyncio.sleep(1)
    await asyncio.sleep(5)
    print([task.done() for task in tasks])
    async with condition:
        condition.notify_all()
    await asyncio.wait(tasks)
    try:
        condition.notify()
    except RuntimeError as error:
        print(error)
    try:
        await condition.wait()
    except RuntimeError as error:
        print(error)


asyncio.run(main())

"""A condition can be waited for until a predicate holds."""
import asyncio

items = []


async def consumer(condition, name, count):
    async with condition:
        enough = await condition.wait_for(lambda: len(items) >= count)
        print(name, enough, items, int(asyncio.get_running_loop().time()))


async def main():
    condition = asyncio.Condition()
    async with asyncio.TaskGroup() as tg:
        tg.create_task(consumer(condition, "two", 2))
        tg.create_task(consumer(condition, "one", 1))
        for number in range(3):
            await asyncio.sleep(1)
            async with condition:
                items.append(number)
                condition.notify_all()
    await consumer(condition, "at once", 3)


asyncio.run(main())

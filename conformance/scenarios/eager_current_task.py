"""While an eager task starts it is the current one, then its creator is again."""
# needs: 3.14
import asyncio


async def inner():
    print("inner", asyncio.current_task().get_name())
    await asyncio.sleep(0)
    print("inner later", asyncio.current_task().get_name())


async def outer():
    task = asyncio.create_task(inner(), name="inner", eager_start=True)
    print("outer", asyncio.current_task().get_name())
    await task


async def main():
    asyncio.current_task().set_name("main")
    task = asyncio.create_task(outer(), name="outer", eager_start=True)
    print("main", asyncio.current_task().get_name())
    print(task in asyncio.all_tasks(), len(asyncio.all_tasks()))
    await task
    print("main", asyncio.current_task().get_name(), len(asyncio.all_tasks()))


asyncio.run(main())

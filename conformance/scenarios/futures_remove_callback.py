"""Removing a callback removes every occurrence, and tells how many."""
import asyncio


def one(future):
    print("one")


def two(future):
    print("two")


async def main():
    future = asyncio.get_running_loop().create_future()
    for callback in (one, two, one, two, one):
        future.add_done_callback(callback)
    print(future.remove_done_callback(one))
    print(future.remove_done_callback(one))
    future.set_result(None)
    print(future.remove_done_callback(two))
    await asyncio.sleep(0)
    future.add_done_callback(one)
    print(future.remove_done_callback(one))
    await asyncio.sleep(0)


asyncio.run(main())

"""Callbacks run in the order of scheduling; what they schedule comes later."""
import asyncio


def first(loop):
    print("first")
    loop.call_soon(print, "scheduled by first")


def second(loop):
    print("second")
    loop.call_soon(print, "scheduled by second")


async def main():
    loop = asyncio.get_running_loop()
    loop.call_soon(first, loop)
    loop.call_soon(second, loop)
    loop.call_soon(print, "third")
    print("main waits")
    await asyncio.sleep(0)
    print("main goes on")
    await asyncio.sleep(0)
    print("main ends")


asyncio.run(main())

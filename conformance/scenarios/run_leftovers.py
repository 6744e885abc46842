"""What is left when run() ends is cancelled, and waited for."""
import asyncio


async def left():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError as error:
        print("left", repr(error))
        await asyncio.sleep(1)
        print("cleaned up", int(asyncio.get_running_loop().time()))
        raise


async def main():
    asyncio.create_task(left())
    asyncio.get_running_loop().call_later(1.5, print, "a timer still fires")
    asyncio.get_running_loop().call_later(60, print, "never")
    await asyncio.sleep(1)
    return "main ends"


print(asyncio.run(main()))
print("after run")

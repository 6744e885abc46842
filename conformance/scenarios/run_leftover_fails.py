"""A task that fails while run() clears up is reported."""
import asyncio


async def left():
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        raise ValueError("cannot clean up")


async def main():
    loop = asyncio.get_running_loop()

    def handler(loop, context):
        print(context["message"], repr(context["exception"]), sorted(context))

    loop.set_exception_handler(handler)
    asyncio.create_task(left())
    await asyncio.sleep(1)


asyncio.run(main())
print("after run")

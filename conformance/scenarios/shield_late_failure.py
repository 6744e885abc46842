"""A failure behind a shield that was cancelled is reported to the handler."""
# needs: 3.14
import asyncio


async def fail():
    await asyncio.sleep(2)
    raise ValueError("too late")


async def main():
    loop = asyncio.get_running_loop()

    def handler(loop, context):
        print(context["message"], repr(context["exception"]))
        print(sorted(context))

    loop.set_exception_handler(handler)
    inner = asyncio.create_task(fail())
    outer = asyncio.shield(inner)
    await asyncio.sleep(1)
    outer.cancel()
    await asyncio.sleep(2)
    print(inner.done(), outer.cancelled())


asyncio.run(main())

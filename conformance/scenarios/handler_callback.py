"""What a callback throws goes to the exception handler; the loop goes on."""
import asyncio


def careless():
    raise ValueError("no luck")


async def main():
    loop = asyncio.get_running_loop()

    def handler(loop, context):
        print(context["message"].split(" at ")[0], repr(context["exception"]))
        print(sorted(context), isinstance(context["handle"], asyncio.Handle))

    print(loop.get_exception_handler())
    loop.set_exception_handler(handler)
    print(loop.get_exception_handler() is handler)
    loop.call_soon(careless)
    loop.call_soon(print, "the next callback")
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())

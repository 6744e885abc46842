"""What becomes of failures that come after gather() has failed."""
import asyncio


async def fail(seconds, message):
    await asyncio.sleep(seconds)
    raise ValueError(message)


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda loop, context: print("handler", context["message"])
    )
    try:
        await asyncio.gather(fail(1, "first"), fail(2, "second"), fail(3, "third"))
    except ValueError as error:
        print(repr(error))
    await asyncio.sleep(5)
    print("nothing is reported")


asyncio.run(main())

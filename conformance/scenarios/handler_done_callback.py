"""What a done callback throws is reported; the other callbacks still run."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(
        lambda loop, context: print(
            "handler", repr(context["exception"]), "handle" in context
        )
    )

    def careless(future):
        print("careless", future.result())
        raise ValueError("no luck")

    future = loop.create_future()
    future.add_done_callback(careless)
    future.add_done_callback(lambda future: print("another"))
    future.set_result("set")
    print(await future)
    await asyncio.sleep(0)
    print("main goes on")


asyncio.run(main())

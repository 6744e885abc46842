"""A callback may end further futures and add further callbacks."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    first, second, third = (loop.create_future() for _ in range(3))

    def pass_on(done):
        print("first is", done.result())
        second.set_result(done.result() + 1)
        done.add_done_callback(lambda _: print("added while running"))

    first.add_done_callback(pass_on)
    first.add_done_callback(lambda _: print("also first"))
    second.add_done_callback(lambda done: third.cancel())
    third.add_done_callback(lambda done: print("third", done.cancelled()))
    loop.call_later(1, first.set_result, 1)
    print("second is", await second)
    try:
        await third
    except asyncio.CancelledError:
        print("third is cancelled")


asyncio.run(main())

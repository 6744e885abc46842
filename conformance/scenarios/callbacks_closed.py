"""A closed loop takes nothing any more, and says so."""
import asyncio


def attempt(function, *args):
    try:
        function(*args)
    except RuntimeError as error:
        print(error)


async def main():
    attempt(asyncio.get_running_loop().close)


loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.close()
loop.close()
attempt(loop.call_soon, print)
attempt(loop.call_later, 1, print)
attempt(loop.call_at, 1, print)
attempt(loop.run_forever)
future = loop.create_future()
future.set_result(1)
print(future.result(), loop.is_closed())

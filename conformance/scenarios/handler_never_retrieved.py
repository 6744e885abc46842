"""A failure that nobody looks at is reported once."""
import asyncio


async def fail(message):
    raise ValueError(message)


def handler(loop, context):
    print(context["message"], repr(context["exception"]), sorted(context))


loop = asyncio.new_event_loop()
loop.set_exception_handler(handler)
unseen = loop.create_task(fail("unseen task"))
seen = loop.create_task(fail("seen task"))
loop.run_until_complete(asyncio.sleep(1))
print(repr(seen.exception()))
del unseen
future = loop.create_future()
future.set_exception(ValueError("unseen future"))
del future
cancelled = loop.create_task(fail("never begins"))
cancelled.cancel()
loop.run_until_complete(asyncio.sleep(1))
print("closing")
loop.close()

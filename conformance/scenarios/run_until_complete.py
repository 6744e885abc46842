"""run_until_complete() ends with its future; what else there is waits."""
import asyncio


async def ticker():
    while True:
        print("tick", int(loop.time()))
        await asyncio.sleep(1)


loop = asyncio.new_event_loop()
task = loop.create_task(ticker())
print(loop.run_until_complete(asyncio.sleep(1.5, "first")))
print("stopped", task.done())
print(loop.run_until_complete(asyncio.sleep(1, "second")))
loop.call_later(1, loop.stop)
try:
    loop.run_until_complete(task)
except RuntimeError as error:
    print(error)
task.cancel()
try:
    loop.run_until_complete(task)
except asyncio.CancelledError as error:
    print(repr(error), loop.is_running())
loop.close()

"""Tasks made before the loop runs start with it, in that order."""
import asyncio


async def work(name):
    print(name, "begins")
    await asyncio.sleep(0)
    print(name, "ends")
    return name


loop = asyncio.new_event_loop()
first = loop.create_task(work("first"))
loop.call_soon(print, "callback")
second = loop.create_task(work("second"))
print("nothing has run")
print(loop.run_until_complete(second))
print(first.done())
print(loop.run_until_complete(work("third")))
loop.close()

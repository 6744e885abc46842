"""Done callbacks run soon, in the order they were added, and get the future."""
import asyncio


async def main():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    for name in "abc":
        future.add_done_callback(lambda done, name=name: print(name, done.result()))
    loop.call_soon(print, "scheduled before")
    future.set_result("set")
    loop.call_soon(print, "scheduled after")
    print("nothing has run")
    await asyncio.sleep(0)
    print("all have run")
    future.add_done_callback(lambda done: print("late", done is future))
    print("not at once")
    await asyncio.sleep(0)


asyncio.run(main())

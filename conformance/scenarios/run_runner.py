"""A Runner runs several coroutines, one after the other, in one loop."""
import asyncio


async def work(name):
    await asyncio.sleep(1)
    return name, asyncio.get_running_loop()


async def fail():
    raise ValueError("no luck")


async def background():
    try:
        await asyncio.sleep(60)
    finally:
        print("background cancelled")


async def start_background():
    asyncio.create_task(background())
    await asyncio.sleep(0)


with asyncio.Runner() as runner:
    name, loop = runner.run(work("first"))
    print(name, loop is runner.get_loop())
    try:
        runner.run(fail())
    except ValueError as error:
        print(repr(error))
    runner.run(start_background())
    name, loop = runner.run(work("second"))
    print(name, loop is runner.get_loop(), int(loop.time()))
    print("leaving")
print(loop.is_closed())
try:
    runner.get_loop()
except RuntimeError as error:
    print(error)

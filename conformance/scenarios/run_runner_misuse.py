"""A Runner refuses what cannot run, and what comes at the wrong time."""
import asyncio


async def work():
    return "fine"


async def nested(runner):
    coro = work()
    try:
        runner.run(coro)
    except RuntimeError as error:
        print(error)
        coro.close()


runner = asyncio.Runner()
print(runner.run(work()))
runner.run(nested(runner))
for wrong in (1, "text"):
    try:
        runner.run(wrong)
    except (TypeError, ValueError):
        print("refused")
runner.close()
runner.close()
coro = work()
try:
    runner.run(coro)
except RuntimeError as error:
    print(error)
    coro.close()

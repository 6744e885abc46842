"""Cleaning up may wait, and can be cancelled in turn."""
import asyncio


async def work(name):
    try:
        await asyncio.sleep(60)
    finally:
        print(name, "cleans up")
        try:
            await asyncio.sleep(2)
            print(name, "has cleaned up")
        except asyncio.CancelledError as error:
            print(name, "was hurried:", error)
            raise


async def main():
    patient, hurried = (asyncio.create_task(work(n)) for n in ("patient", "hurried"))
    await asyncio.sleep(1)
    patient.cancel("first")
    hurried.cancel("first")
    await asyncio.sleep(1)
    hurried.cancel("second")
    for task in (hurried, patient):
        try:
            await task
        except asyncio.CancelledError as error:
            print("main got", error, int(asyncio.get_running_loop().time()))


asyncio.run(main())

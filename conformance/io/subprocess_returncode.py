"""The return code is the exit status, or less than zero for a signal."""
import asyncio
import signal


async def main():
    process = await asyncio.create_subprocess_shell("exit 7")
    print(process.returncode, await process.wait(), process.returncode)

    process = await asyncio.create_subprocess_exec("sleep", "600")
    process.kill()
    print(await process.wait())

    process = await asyncio.create_subprocess_exec("sleep", "600")
    process.terminate()
    print(await process.wait())

    process = await asyncio.create_subprocess_exec("sleep", "600")
    process.send_signal(signal.SIGHUP)
    print(await process.wait())

    process = await asyncio.create_subprocess_shell("kill -USR1 $$")
    print(await process.wait())
    for act in process.kill, process.terminate, lambda: process.send_signal(signal.SIGHUP):
        try:
            act()
        except ProcessLookupError as error:
            print(type(error).__name__)
    print(repr(process).replace(str(process.pid), "N"))


asyncio.run(main())

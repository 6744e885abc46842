"""communicate() sends input, and gives what was piped."""
import asyncio
from asyncio.subprocess import DEVNULL, PIPE, STDOUT

SIZE = 1_000_000


async def outcome(command, input=None, **streams):
    process = await asyncio.create_subprocess_shell(command, **streams)
    outputs = await process.communicate(input)
    print(process.returncode, *[
        None if output is None else
        output.decode().strip() if len(output) < SIZE else len(output)
        for output in outputs])


async def main():
    await outcome("cat", b"some data", stdin=PIPE, stdout=PIPE)
    await outcome("wc -c", b"", stdin=PIPE, stdout=PIPE)
    await outcome("wc -c", stdin=DEVNULL, stdout=PIPE)
    both = "echo out; echo err >&2; exit 3"
    await outcome(both, stdout=PIPE, stderr=PIPE)
    await outcome(both, stdout=DEVNULL, stderr=PIPE)
    await outcome(both, stdout=PIPE, stderr=DEVNULL)
    await outcome("echo a; echo b >&2; echo c", stdout=PIPE, stderr=STDOUT)
    await outcome("tee /dev/stderr", b"x" * SIZE, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    await outcome("true", b"x" * SIZE, stdin=PIPE)


asyncio.run(main())

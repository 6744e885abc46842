"""What cannot be started is an error, and so are wrong arguments."""
import asyncio
from asyncio.subprocess import PIPE


async def attempt(what, program, *args, **options):
    try:
        await asyncio.create_subprocess_exec(program, *args, **options)
        print(what, "started")
    except FileNotFoundError:
        print(what, "not found")
    except PermissionError:
        print(what, "denied")
    except (TypeError, ValueError):
        print(what, "refused")


async def main():
    await attempt("missing program", "no-such-program")
    await attempt("missing path", "/no/such/program")
    await attempt("not executable", "/etc/passwd")
    await attempt("missing cwd", "true", cwd="/no/such/folder")
    await attempt("null character", "true", "a\0b")
    await attempt("number", "true", 1)
    await attempt("program", 1)
    await attempt("cwd", "true", cwd=1)
    await attempt("missing, with pipes", "no-such-program", stdin=PIPE,
                  stdout=PIPE, stderr=PIPE)
    for command in 1, None, ["true"], "a\0b":
        try:
            await asyncio.create_subprocess_shell(command)
        except ValueError:
            print("refused")


asyncio.run(main())

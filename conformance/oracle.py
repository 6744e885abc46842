"""Runs scenarios in CPython's asyncio, in virtual time, and records them.

Used in two ways: inside Pyodide, where `transcripts()` is called, and as a
program, which reads the scenarios from standard input and prints the
transcripts, both as JSON.
"""

import asyncio
import asyncio.base_events
import contextlib
import gc
import io
import json
import logging
import re
import sys
import warnings


class Deadlock(BaseException):
    """Nothing is ready and no timer is set: the loop would wait for ever."""


class JumpingSelector:
    """Stands for the operating system: no file is ever ready, time jumps."""

    def __init__(self, loop):
        self.loop = loop

    def select(self, timeout):
        if timeout is None:
            raise Deadlock()
        if timeout > 0:
            # The deadline itself: adding up differences would be inexact.
            self.loop.now = self.loop._scheduled[0]._when
        return []


class VirtualLoop(asyncio.base_events.BaseEventLoop):
    """CPython's own loop, with a clock that jumps to the next timer."""

    def __init__(self):
        super().__init__()
        self.now = 0.0
        self._clock_resolution = 1e-9
        self._selector = JumpingSelector(self)

    def time(self):
        return self.now

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass


class LogLines(logging.Handler):
    """Puts what asyncio logs into the transcript, one line a message."""

    def emit(self, record):
        print("log:", record.getMessage().splitlines()[0])


@contextlib.contextmanager
def virtual_time():
    """Has `asyncio.run()` and its like make loops that live in virtual time."""
    # Pyodide has a loop of its own running all the time.
    asyncio.events._set_running_loop(None)
    original = asyncio.new_event_loop
    asyncio.events.new_event_loop = asyncio.new_event_loop = VirtualLoop
    try:
        yield
    finally:
        asyncio.events.new_event_loop = asyncio.new_event_loop = original
        asyncio.events._set_running_loop(None)


def transcript(name, source):
    """What a scenario prints. What it throws at the end is part of it."""
    output = io.StringIO()
    handler = LogLines()
    logger = logging.getLogger("asyncio")
    logger.propagate = False
    logger.addHandler(handler)
    with (
        contextlib.redirect_stdout(output),
        warnings.catch_warnings(action="ignore"),
        virtual_time(),
    ):
        try:
            code = compile(source, f"/scenarios/{name}.py", "exec")
            exec(code, {"__name__": "__main__"})
        except BaseException as error:
            print("thrown:", repr(error))
        gc.collect()
    logger.removeHandler(handler)
    return output.getvalue()


def needs(source):
    """The version of Python that a scenario asks for: `# needs: 3.13`."""
    found = re.search(r"^# needs: (\d+)\.(\d+)$", source, re.MULTILINE)
    return tuple(map(int, found.groups())) if found else (3, 11)


def transcripts(scenarios):
    """The transcripts of those scenarios that this Python can run, as JSON."""
    return json.dumps({
        "version": sys.version.split()[0],
        "transcripts": {
            name: transcript(name, source)
            for name, source in scenarios.items()
            if sys.version_info >= needs(source)
        },
    })


if __name__ == "__main__":
    print(transcripts(json.load(sys.stdin)))

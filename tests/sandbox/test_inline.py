"""A program whose engine is gone: it neither keeps the command from ending nor complains on standard error."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from sandbox import inline
from tests.settings import ROOT


def test_a_program_that_waits_for_ever_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inline, "_GRACE_SECONDS", 0.1)
    loop = asyncio.new_event_loop()
    ended: list[str] = []

    def program() -> None:
        try:
            loop.run_until_complete(asyncio.Event().wait())
        except RuntimeError as stopped:
            ended.append(str(stopped))

    thread = threading.Thread(target=program)
    thread.start()
    while not loop.is_running():
        pass
    inline._LOOPS.append(loop)
    inline.end_program()
    thread.join(5)
    assert not thread.is_alive()
    assert ended == ["Event loop stopped before Future completed."]
    assert inline._LOOPS == []


def test_an_abandoned_program_leaves_no_stack_trace_and_other_complaints_are_still_heard() -> None:
    code = (
        "import sandbox.inline\n"
        "async def program():\n"
        "    try:\n"
        "        await other()\n"
        "    finally:\n"
        "        raise RuntimeError('abandoned')\n"
        "import types\n"
        "@types.coroutine\n"
        "def other():\n"
        "    yield\n"
        "left = program(); left.send(None); del left\n"
        "class Broken:\n"
        "    def __del__(self):\n"
        "        raise RuntimeError('broken')\n"
        "Broken()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "abandoned" not in done.stderr
    assert "broken" in done.stderr

"""A program whose engine is gone: it neither keeps the command from ending nor complains on standard error."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc
from pulumi.runtime.settings import Settings

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


def test_a_new_engine_is_reached_on_a_port_where_one_that_is_gone_was_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    abandoned = Settings("ack-platform", "test", engine=address)
    assert abandoned.engine is not None
    request = engine_pb2.LogRequest(message="is anybody there?")
    with pytest.raises(grpc.RpcError, match="Connection refused"):
        abandoned.engine.Log(request)
    server = grpc.server(ThreadPoolExecutor(1))
    engine_pb2_grpc.add_EngineServicer_to_server(engine_pb2_grpc.EngineServicer(), server)
    server.add_insecure_port(address)
    server.start()
    try:
        engine = Settings("ack-platform", "test", engine=address).engine
        assert engine is not None
        with pytest.raises(grpc.RpcError, match="UNIMPLEMENTED"):
            engine.Log(request)
    finally:
        server.stop(None).wait()

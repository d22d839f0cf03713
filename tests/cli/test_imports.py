"""What a command loads. How long that takes is for `make bench` to say: here it is counted, and never timed."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from cli.app import COMMANDS
from tests.settings import ROOT

WATCHED = {
    "alibabacloud_credentials",
    "alibabacloud_tea_openapi",
    "grpc",
    "http.client",
    "hypothesis",
    "kubernetes",
    "pulumi",
    "pulumi_alicloud",
    "pulumi_kubernetes",
    "requests",
    "rich",
    "ruamel.yaml",
    "ssl",
    "urllib3",
    "yaml",
}
"""SDKs, clients and libraries that take long, and that no command needs all of."""
HELP = WATCHED | {"components", "config", "sandbox"}
"""A help text needs none of our own either."""
CLIENT = {"http.client", "kubernetes", "requests", "ssl", "urllib3"}
"""The official client of Kubernetes, with what it brings."""
NO_CLUSTER = ("--kubeconfig", "none")
NEEDED = {
    ("check",): {"yaml"},
    ("check", "--all", "--json"): {"yaml"},
    ("explain", "gateway.replicas", "-s", "uat"): {"yaml"},
    ("explain", "services"): {"yaml"},
    ("schema", "--check"): {"yaml"},
    ("map", "uat"): {"yaml"},
    ("render", "-s", "uat", "--out", "-"): {"yaml"},
    ("policy", "uat"): {"yaml"},
    ("diff", "test", "uat", "--json"): {"yaml"},
    ("diff", "test", "uat"): {"rich", "yaml"},
    ("cost", "uat", "--json"): {"yaml"},
    ("cost", "uat"): {"rich", "yaml"},
    ("images", "uat", "--json"): {"yaml"},
    ("images", "uat"): {"rich", "yaml"},
    ("next", "uat", "--json"): {"ruamel.yaml", "yaml"},
    ("restart", "study", "-s", "uat", "--dry-run", "--json"): {"ruamel.yaml", "yaml"},
    ("restart", "study", "-s", "uat", "--dry-run"): {"rich", "ruamel.yaml", "yaml"},
    ("doctor",): {"rich"},
    ("logs", "study", "-s", "uat", *NO_CLUSTER): {*CLIENT, "rich", "yaml"},
    ("watch", "uat", *NO_CLUSTER): {*CLIENT, "rich", "yaml"},
    ("drift", "uat", *NO_CLUSTER): {*CLIENT, "rich", "yaml"},
    ("clean", "uat", *NO_CLUSTER): {*CLIENT, "rich", "yaml"},
    ("arthas", "study", "-s", "uat"): {"rich", "yaml"},
    ("heapdump", "study", "-s", "uat"): {"rich", "yaml"},
    ("tcpdump", "study", "-s", "uat", "-w", "a.pcap"): {"rich", "yaml"},
    ("reach", "study", "gateway", "-s", "uat", *NO_CLUSTER): {*CLIENT, "rich", "yaml"},
}
"""Command lines that end soon, and what of `WATCHED` each of them works with."""

_RUN = """
import contextlib, json, os, sys
from cli.app import main
lines, watched, said = *map(json.loads, sys.argv[1:]), {}
for words in lines:
    sys.argv = ["ackp", *words]
    with open(os.devnull, "w") as nothing, contextlib.redirect_stdout(nothing), contextlib.redirect_stderr(nothing):
        with contextlib.suppress(SystemExit):
            main()
    said[" ".join(words)] = sorted(name for name in watched if name in sys.modules)
print(json.dumps(said))
"""


def loaded_by(watched: set[str], *lines: tuple[str, ...]) -> dict[str, set[str]]:
    """What of `watched` a fresh interpreter has after each of some command lines."""
    arguments = [sys.executable, "-c", _RUN, json.dumps(lines), json.dumps(sorted(watched))]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=True)
    return {line: set(found) for line, found in json.loads(done.stdout).items()}


def test_the_help_of_a_command_loads_no_sdk_no_client_and_none_of_our_own() -> None:
    found = loaded_by(HELP, ("--help",), *((name, "--help") for name in COMMANDS))
    assert len(found) == 1 + len(COMMANDS)
    assert {line: names for line, names in found.items() if names} == {}


@pytest.mark.parametrize("line", NEEDED, ids=" ".join)
def test_a_command_loads_what_it_works_with_and_nothing_else(line: tuple[str, ...]) -> None:
    assert loaded_by(WATCHED, line) == {" ".join(line): NEEDED[line]}

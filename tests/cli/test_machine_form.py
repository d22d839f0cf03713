"""Every command's help has an example that can be typed, and every command that shows data has `--json`."""

from __future__ import annotations

import json
import re
import shlex

import pytest
from typer.testing import CliRunner

from cli.app import COMMANDS, app
from tests.cli.commands import command, options_of

WITHOUT_JSON = {
    "up": "it acts; `ackp outputs` has what came of it",
    "preview": "it draws a tree; `ackp report --json` has what it means",
    "outputs": "it prints nothing but JSON",
    "down": "it acts, and nothing is left to show",
    "render": "it writes YAML",
    "eject": "it writes YAML",
    "map": "it draws a picture, as Mermaid's text",
    "comment": "it sends what another command wrote",
    "notify": "it sends what another command wrote",
    "schema": "it prints nothing but JSON",
    "cluster": "it acts, and prints one line for the shell",
    "bundle": "it acts; the bundle has its list inside",
}
"""The commands without `--json`, and why."""
SHOWN = (
    ("check",),
    ("policy", "uat"),
    ("explain", "gateway.replicas"),
    ("explain", "gateway"),
    ("diff", "test", "uat"),
    ("images", "uat"),
    ("restart", "study", "--dry-run"),
    ("cost", "uat"),
    ("next", "uat"),
    ("doctor",),
    ("doctor", "--offline", "--sandbox"),
)
"""Command lines that need neither a cluster nor an engine; those that do are tested with theirs."""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example_that_can_be_typed(name: str) -> None:
    [example] = re.findall(r"Example: ((?:.+\n?)+)", command(name).help or "")
    assert " ".join(f"Example: {example}".split()) in " ".join(CliRunner().invoke(app, [name, "--help"]).output.split())
    ours = [words[1:] for part in re.split(r"\||&&", example) if (words := shlex.split(part))[0] == "ackp"]
    assert name in [words[0] for words in ours]
    for words in ours:
        command(words[0]).make_context(words[0], words[1:])


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_that_shows_data_has_the_one_form_for_machines(name: str) -> None:
    assert ("--json" in options_of(name)) == (name not in WITHOUT_JSON)
    assert "--format" not in options_of(name)


def test_the_commands_without_json_are_commands() -> None:
    assert WITHOUT_JSON.keys() <= set(COMMANDS)


@pytest.mark.parametrize("line", SHOWN, ids=" ".join)
def test_with_json_nothing_but_json_is_on_standard_output(line: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*line, "--json"])
    assert json.loads(done.stdout), done.output

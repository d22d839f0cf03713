"""A pull request of a branch that was pushed: a new one, or the one that is open already."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.api import Api
from pipelines.hosts import HOSTS, Variables, host_of, refuse_missing
from pipelines.web import UnreachedError
from sandbox.problem import SandboxError


@dataclass(frozen=True)
class _Form:
    """How a host is asked."""

    path: str
    """The path of the open pull requests, and of a new one."""
    open: Callable[[Variables, str, str], Mapping[str, str]]
    """What asks for the open ones of a branch towards another."""
    keys: tuple[str, str, str, str]
    """What title, text, branch and base are called."""
    page: str
    """What the address for people is called in an answer."""


_FORMS = {
    "github": _Form(
        "/pulls",
        lambda variables, branch, base: {
            "state": "open",
            "head": f"{variables['GITHUB_REPOSITORY'].partition('/')[0]}:{branch}",
            "base": base,
        },
        ("title", "body", "head", "base"),
        "html_url",
    ),
    "gitlab": _Form(
        "/merge_requests",
        lambda _, branch, base: {"state": "opened", "source_branch": branch, "target_branch": base},
        ("title", "description", "source_branch", "target_branch"),
        "web_url",
    ),
    "gitee": _Form(
        "",
        lambda _, branch, base: {"state": "open", "head": branch, "base": base},
        ("title", "body", "head", "base"),
        "html_url",
    ),
}
"""Sources: https://docs.github.com/en/rest/pulls/pulls, https://docs.gitlab.com/api/merge_requests/,
https://gitee.com/api/v5/swagger."""


def propose(variables: Variables, branch: str, base: str, title: str, text: str) -> tuple[str, bool]:
    """Open a pull request, unless the branch has one.

    Args:
        variables: of the pipeline; they say where, and have the token.
        branch: what was pushed.
        base: where it is to be merged.
        title: the title of a new one.
        text: what a new one says, in Markdown.

    Returns:
        The address for people, and whether it is new.

    Raises:
        SandboxError: the host is not known, a variable is missing, or pull requests are not opened there.
        UnreachedError: the host does not answer, or refuses.
    """
    word = host_of(variables)
    host = HOSTS[word]
    if word not in _FORMS:
        raise SandboxError(f"On {host.name} a pull request is opened by hand: the branch {branch} is pushed")
    refuse_missing(host, variables, number=False)
    form, api = _FORMS[word], Api(host, variables)
    found = api.list("GET", form.path, query=form.open(variables, branch, base))
    said = (
        found[0]
        if found
        else api.ask("POST", form.path, dict(zip(form.keys, (title, text, branch, base), strict=True)))
    )
    page = said.get(form.page) if isinstance(said, dict) else None
    if not isinstance(page, str):
        raise UnreachedError(f"{host.name} answered with something that is no pull request; is the address right?")
    return page, not found


def main(arguments: Sequence[str] | None = None) -> int:
    """Open a pull request, unless the branch has one, and print its address."""
    parser = argparse.ArgumentParser("python -m pipelines.proposal", description=main.__doc__)
    parser.add_argument("branch")
    parser.add_argument("--base", required=True)
    parser.add_argument("--title", required=True)
    parser.add_argument("--text", required=True, type=Path)
    given = parser.parse_args(arguments)
    try:
        text = given.text.read_text(encoding="utf-8")
        page, new = propose(os.environ, given.branch, given.base, given.title, text)
    except SandboxError as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 - what a step of a pipeline says
        return 1
    print(f"{given.branch}: {'proposed' if new else 'already proposed, and pushed anew'}: {page}")  # noqa: T201 - see above
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The hosts of repositories whose pull requests get a comment, and what their APIs differ in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from sandbox.problem import SandboxError

Variables = Mapping[str, str]
"""The variables of a pipeline."""


@dataclass(frozen=True)
class Host:
    """A host of repositories."""

    name: str
    """As people call it."""
    sign: str
    """The variable that is set in a pipeline of this host."""
    number: str
    """The variable of the pull request's number."""
    token: str
    """The variable of the token."""
    needs: Mapping[str, str]
    """The variables that it needs, and what each is."""
    header: tuple[str, str]
    """The header of the token: its name and its form."""
    most: int
    """How many characters a comment may have."""
    root: Callable[[Variables], str]
    """The address of the repository, or of its pull requests, in the API."""
    comments: Callable[[str], str]
    """The path of a pull request's comments, by its number."""
    changed: tuple[str, Callable[[str, str], str]]
    """How a comment is written again: the method, and the path by the pull request's number and the comment's id."""


def _number(host: Host, variables: Variables) -> str:
    said = variables[host.number]
    found = re.fullmatch(r"(?:refs/pull/)?([1-9]\d*)(?:/merge)?", said)
    if found is None:
        raise SandboxError(f"{host.number} is {said}, which is no pull request: run for one, or add --number N")
    return found[1]


GITHUB = Host(
    name="GitHub",
    sign="GITHUB_ACTIONS",
    number="GITHUB_REF",
    token="GITHUB_TOKEN",  # noqa: S106 - the name of the variable
    needs={
        "GITHUB_API_URL": "the API's address, set by GitHub Actions",
        "GITHUB_REPOSITORY": "OWNER/NAME, set by GitHub Actions",
        "GITHUB_REF": "refs/pull/NUMBER/merge, set by GitHub Actions, or --number",
        "GITHUB_TOKEN": "a token with pull-requests: write",
    },
    header=("Authorization", "Bearer {}"),
    most=65_536,
    root=lambda variables: f"{variables['GITHUB_API_URL']}/repos/{variables['GITHUB_REPOSITORY']}",
    comments=lambda number: f"/issues/{number}/comments",
    changed=("PATCH", lambda _, comment: f"/issues/comments/{comment}"),
)
"""Source: https://docs.github.com/en/rest/issues/comments."""

GITLAB = Host(
    name="GitLab",
    sign="GITLAB_CI",
    number="CI_MERGE_REQUEST_IID",
    token="GITLAB_TOKEN",  # noqa: S106 - the name of the variable
    needs={
        "CI_API_V4_URL": "the API's address, set by GitLab CI",
        "CI_PROJECT_ID": "the project's id, set by GitLab CI",
        "CI_MERGE_REQUEST_IID": "the merge request's number, set in its pipelines, or --number",
        "GITLAB_TOKEN": "a project access token with the scope api",
    },
    header=("PRIVATE-TOKEN", "{}"),
    most=1_000_000,
    root=lambda variables: f"{variables['CI_API_V4_URL']}/projects/{quote(variables['CI_PROJECT_ID'], safe='')}",
    comments=lambda number: f"/merge_requests/{number}/notes",
    changed=("PUT", lambda number, comment: f"/merge_requests/{number}/notes/{comment}"),
)
"""Source: https://docs.gitlab.com/api/notes/#merge-requests."""

GITEE = Host(
    name="Gitee",
    sign="GITEE_TOKEN",
    number="GITEE_PULL_REQUEST",
    token="GITEE_TOKEN",  # noqa: S106 - the name of the variable
    needs={
        "GITEE_REPOSITORY": "OWNER/NAME",
        "GITEE_PULL_REQUEST": "the pull request's number, or --number",
        "GITEE_TOKEN": "a personal access token (私人令牌) with pull_requests and notes",
    },
    header=("Authorization", "token {}"),
    most=65_535,
    root=lambda variables: (
        f"{variables.get('GITEE_API_URL') or 'https://gitee.com/api/v5'}/repos/{variables['GITEE_REPOSITORY']}/pulls"
    ),
    comments=lambda number: f"/{number}/comments",
    changed=("PATCH", lambda _, comment: f"/comments/{comment}"),
)
"""Source: https://gitee.com/api/v5/swagger."""

CODEUP = Host(
    name="Codeup",
    sign="CODEUP_TOKEN",
    number="CODEUP_MERGE_REQUEST",
    token="CODEUP_TOKEN",  # noqa: S106 - the name of the variable
    needs={
        "CODEUP_ORGANIZATION": "the organization's id (组织 ID)",
        "CODEUP_REPOSITORY": "the repository's id, or its full path",
        "CODEUP_MERGE_REQUEST": "the merge request's number in the repository, or --number",
        "CODEUP_TOKEN": "a personal access token (个人访问令牌) that may read and write merge requests",
    },
    header=("x-yunxiao-token", "{}"),
    most=65_535,
    root=lambda variables: (
        f"{variables.get('CODEUP_API_URL') or 'https://openapi-rdc.aliyuncs.com'}/oapi/v1/codeup"
        f"/organizations/{variables['CODEUP_ORGANIZATION']}"
        f"/repositories/{quote(variables['CODEUP_REPOSITORY'], safe='')}/changeRequests"
    ),
    comments=lambda number: f"/{number}/comments",
    changed=("PUT", lambda number, comment: f"/{number}/comments/{comment}"),
)
"""Codeup (云效代码管理).

Source: https://help.aliyun.com/zh/yunxiao/developer-reference/createchangerequestcomment.
"""

HOSTS: Mapping[str, Host] = {"github": GITHUB, "gitlab": GITLAB, "gitee": GITEE, "codeup": CODEUP}
"""The hosts by the word for each."""


def host_of(variables: Variables) -> str:
    """The word of the host in whose pipeline this runs.

    Raises:
        SandboxError: no variable tells.
    """
    word = next((key for key, each in HOSTS.items() if variables.get(each.sign)), None)
    if word is None:
        raise SandboxError(f"The host of the pull request is not known here: add --host {'|'.join(HOSTS)}")
    return word


def refuse_missing(host: Host, variables: Variables, *, number: bool = True) -> None:
    """Refuse variables without those that a host needs.

    Args:
        host: the host.
        variables: of the pipeline.
        number: whether there is a pull request already, whose number is one of them.

    Raises:
        SandboxError: it names all that are missing.
    """
    needs = {key: what for key, what in host.needs.items() if number or key != host.number}
    missing = [f"\n  {key}: {what}" for key, what in needs.items() if not variables.get(key)]
    if missing:
        raise SandboxError(f"The pull request on {host.name} is not known. Set{''.join(missing)}")


def pull_request_number(host: Host, variables: Variables) -> str:
    """The number of the pull request that a pipeline runs for.

    Raises:
        SandboxError: a variable of the host is missing, all such named; or the number is none.
    """
    refuse_missing(host, variables)
    return _number(host, variables)

"""One comment on a pull request, written again whenever the report changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.api import Api
from pipelines.hosts import CODEUP, HOSTS, Host, Variables, host_of, pull_request_number
from sandbox.problem import SandboxError

_PAGE = 100
_MOST_PAGES = 50
_CUT = "\n\nCut here: the whole report is among the pipeline's artifacts.\n"


@dataclass(frozen=True)
class Comment:
    """A comment that is there."""

    id: str
    """The host's id of it."""
    text: str
    """What it says, in Markdown."""


class PullRequest:
    """A pull request, on a host whose comments come in pages and say their text in ``body``.

    Args:
        host: The host.
        variables: of the pipeline; they say where the comment goes, and have the token.
        number: the pull request's, where no variable says it.

    Attributes:
        host: The host.

    Raises:
        SandboxError: a variable is missing.
    """

    def __init__(self, host: Host, variables: Variables, number: str | None = None) -> None:
        self.host = host
        variables = {**variables, **({host.number: number} if number else {})}
        self._number = pull_request_number(host, variables)
        self._api = Api(host, variables)

    def comments(self) -> Iterator[Comment]:
        """The comments that are there."""
        path = self.host.comments(self._number)
        for page in range(1, _MOST_PAGES + 1):
            found = self._api.list("GET", path, query={"per_page": str(_PAGE), "page": str(page)})
            yield from (Comment(str(each["id"]), each.get("body") or "") for each in found)
            if len(found) < _PAGE:
                return

    def add(self, text: str) -> None:
        """Write a new comment."""
        self._api.ask("POST", self.host.comments(self._number), self._body(text))

    def change(self, comment: Comment, text: str) -> None:
        """Write a comment again."""
        method, path = self.host.changed
        self._api.ask(method, path(self._number, comment.id), self._body(text))

    def _body(self, text: str) -> dict[str, object]:
        return {"body": text}


class CodeupMergeRequest(PullRequest):
    """A merge request on Codeup: one list of comments, and a comment belongs to a version of the source branch."""

    def comments(self) -> Iterator[Comment]:
        """The comments that are there."""
        path = f"{self.host.comments(self._number)}/list"
        for each in self._api.list("POST", path, {"comment_type": "GLOBAL_COMMENT", "state": "OPENED"}):
            yield Comment(each["comment_biz_id"], each.get("content") or "")

    def add(self, text: str) -> None:
        """Write a new comment."""
        patches = self._api.list("GET", f"/{self._number}/diffs/patches")
        sources = [each for each in patches if each.get("relatedMergeItemType") == "MERGE_SOURCE"]
        if not sources:
            raise SandboxError("Codeup names no version of the source branch, so it takes no comment.")
        latest = max(sources, key=lambda each: each.get("versionNo") or 0)
        kind = {"comment_type": "GLOBAL_COMMENT", "draft": False, "resolved": False}
        place = {**kind, "patchset_biz_id": latest["patchSetBizId"]}
        self._api.ask("POST", self.host.comments(self._number), self._body(text) | place)

    def _body(self, text: str) -> dict[str, object]:
        return {"content": text}


def current_pull_request(word: str | None, variables: Variables, number: str | None = None) -> PullRequest:
    """The pull request that a pipeline runs for.

    Args:
        word: a key of `HOSTS`; the host in whose pipeline this runs if None.
        variables: of the pipeline.
        number: the pull request's, where no variable says it.

    Raises:
        SandboxError: it is not known.
    """
    word = word or host_of(variables)
    kind = CodeupMergeRequest if HOSTS[word] is CODEUP else PullRequest
    return kind(HOSTS[word], variables, number)


def mark(stack: str) -> str:
    """What a stack's comment begins with; Markdown does not show it."""
    return f"<!-- ackp report {stack} -->"


def write(place: PullRequest, stack: str, text: str) -> str:
    """Write a stack's comment: a new one, or the one that is there again.

    Args:
        place: where.
        stack: whose comment; each stack has one.
        text: the report in Markdown; cut where the host takes less.

    Returns:
        ``added``, ``changed`` or ``unchanged``.

    Raises:
        UnreachedError: the host does not answer, or refuses.
    """
    said = _cut(f"{mark(stack)}\n{text.strip()}\n", place.host.most)
    there = next((each for each in place.comments() if each.text.lstrip().startswith(mark(stack))), None)
    if there is None:
        place.add(said)
        return "added"
    if there.text.strip() == said.strip():
        return "unchanged"
    place.change(there, said)
    return "changed"


def _cut(text: str, most: int) -> str:
    """Whole lines, so that no row of a table is torn."""
    return text if len(text) <= most else text[: most - len(_CUT)].rpartition("\n")[0] + _CUT

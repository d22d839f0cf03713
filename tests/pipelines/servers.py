"""Stand-ins on loopback for the servers that pipelines tell things: they keep what they were told, and know its form.

None of the real ones can be reached from a test. The forms are those of the documentation that `pipelines/hosts.py` and
`pipelines/message.py` name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.answering import answering

TOKEN = "a-token-nobody-may-see"
ORGANIZATION = "60d54f3daccf2bbd6659f3ad"

_ROUTES = {
    "github": (r"/repos/shop/platform/issues/7/comments", r"/repos/shop/platform/issues/comments/(\d+)", "PATCH"),
    "gitlab": (r"/projects/17/merge_requests/7/notes", r"/projects/17/merge_requests/7/notes/(\d+)", "PUT"),
    "gitee": (r"/repos/shop/platform/pulls/7/comments", r"/repos/shop/platform/pulls/comments/(\d+)", "PATCH"),
}
_AUTHORIZED = {
    "github": ("Authorization", f"Bearer {TOKEN}"),
    "gitlab": ("PRIVATE-TOKEN", TOKEN),
    "gitee": ("Authorization", f"token {TOKEN}"),
    "codeup": ("x-yunxiao-token", TOKEN),
}
_OF_GITLAB = {"title", "description", "source_branch", "target_branch"}
_PROPOSED = {
    "github": ("/repos/shop/platform/pulls", "head", {"title", "body", "head", "base"}, "html_url"),
    "gitlab": ("/projects/17/merge_requests", "source_branch", _OF_GITLAB, "web_url"),
    "gitee": ("/repos/shop/platform/pulls", "head", {"title", "body", "head", "base"}, "html_url"),
}
_CODEUP = f"/oapi/v1/codeup/organizations/{ORGANIZATION}/repositories/shop/platform/changeRequests/7"


class HostServer(ThreadingHTTPServer):
    """A host of repositories with the pull request 7 of shop/platform.

    Attributes:
        word: Which host it is.
        comments: The comments: ids and texts.
        writes: How often something was written.
        proposals: The pull requests that were opened, by branch.
        answer: A status and a text with which it answers everything; None: it works.
    """

    def __init__(self, word: str) -> None:
        super().__init__(("127.0.0.1", 0), _Host)
        self.word = word
        self.comments: dict[str, str] = {}
        self.writes = 0
        self.proposals: dict[str, dict[str, str]] = {}
        self.answer: tuple[int, str] | None = None

    @property
    def variables(self) -> dict[str, str]:
        """The variables of a pipeline that runs for the pull request."""
        address = f"http://127.0.0.1:{self.server_port}"
        return {
            "github": {
                "GITHUB_ACTIONS": "true",
                "GITHUB_API_URL": address,
                "GITHUB_REPOSITORY": "shop/platform",
                "GITHUB_REF": "refs/pull/7/merge",
                "GITHUB_TOKEN": TOKEN,
            },
            "gitlab": {
                "GITLAB_CI": "true",
                "CI_API_V4_URL": address,
                "CI_PROJECT_ID": "17",
                "CI_MERGE_REQUEST_IID": "7",
                "GITLAB_TOKEN": TOKEN,
            },
            "gitee": {
                "GITEE_API_URL": address,
                "GITEE_REPOSITORY": "shop/platform",
                "GITEE_PULL_REQUEST": "7",
                "GITEE_TOKEN": TOKEN,
            },
            "codeup": {
                "CODEUP_API_URL": address,
                "CODEUP_ORGANIZATION": ORGANIZATION,
                "CODEUP_REPOSITORY": "shop/platform",
                "CODEUP_MERGE_REQUEST": "7",
                "CODEUP_TOKEN": TOKEN,
            },
        }[self.word]

    def reply(self, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        """What it answers to an authorized request."""
        if self.word == "codeup":
            return self._codeup(method, path, body)
        if path == _PROPOSED[self.word][0]:
            return self._proposed(method, query, body)
        listed, one, change = _ROUTES[self.word]
        if re.fullmatch(listed, path) and method == "GET":
            page, size = int(query["page"]), int(query["per_page"])
            found = [{"id": int(key), "body": text} for key, text in self.comments.items()]
            return 200, found[(page - 1) * size : page * size]
        if re.fullmatch(listed, path) and method == "POST" and set(body) == {"body"}:
            return 201, self._write(str(len(self.comments) + 1), body["body"])
        match = re.fullmatch(one, path)
        if match and method == change and match[1] in self.comments and set(body) == {"body"}:
            return 200, self._write(match[1], body["body"])
        return 404, {"message": f"no {method} {path}"}

    def _proposed(self, method: str, query: dict[str, str], body: Any) -> tuple[int, Any]:
        _, branch, keys, page = _PROPOSED[self.word]
        if method == "GET":
            owner = "shop:" if self.word == "github" else ""
            found = self.proposals.get(query[branch].removeprefix(owner)) if query[branch].startswith(owner) else None
            return 200, [found] if found and query["state"].startswith("open") else []
        if set(body) != keys or body[branch] in self.proposals:
            return 422, {"message": "Validation Failed"}
        self.proposals[body[branch]] = {**body, page: f"https://git.example.com/shop/{len(self.proposals) + 1}"}
        return 201, self.proposals[body[branch]]

    def _codeup(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        path = unquote(path)
        if (method, path) == ("POST", f"{_CODEUP}/comments/list"):
            return 200, [{"comment_biz_id": key, "content": text} for key, text in self.comments.items()]
        if (method, path) == ("GET", f"{_CODEUP}/diffs/patches"):
            target = {"patchSetBizId": "t", "versionNo": 9, "relatedMergeItemType": "MERGE_TARGET"}
            source = {"relatedMergeItemType": "MERGE_SOURCE"}
            return 200, [target, {"patchSetBizId": "new", "versionNo": 2, **source}, {"patchSetBizId": "old", **source}]
        if (method, path) == ("POST", f"{_CODEUP}/comments"):
            if (body["comment_type"], body["patchset_biz_id"]) != ("GLOBAL_COMMENT", "new"):
                return 400, {"errorMessage": "of which version?"}
            return 200, self._write(f"biz{len(self.comments)}", body["content"])
        key = path.rpartition("/")[2]
        if method == "PUT" and path == f"{_CODEUP}/comments/{key}" and key in self.comments:
            self._write(key, body["content"])
            return 200, {"result": True}
        return 404, {"errorMessage": f"no {method} {path}"}

    def _write(self, key: str, text: str) -> dict[str, str]:
        self.comments[key] = text
        self.writes += 1
        return {"id": key}


@dataclass
class Message:
    """What a chat was sent."""

    path: str
    query: dict[str, str]
    body: Any


@dataclass
class Chat:
    """A chat's server.

    Attributes:
        answer: What it answers.
        sent: The messages.
        address: Its address.
    """

    answer: Any
    sent: list[Message] = field(default_factory=list)
    address: str = ""


class _Handler(BaseHTTPRequestHandler):
    def _body(self) -> Any:
        length = int(self.headers.get("Content-Length") or 0)
        return json.loads(self.rfile.read(length)) if length else None

    def _send(self, status: int, content: str) -> None:
        data = content.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Host(_Handler):
    server: HostServer

    def do_GET(self) -> None:
        body, parts = self._body(), urlsplit(self.path)
        name, value = _AUTHORIZED[self.server.word]
        if self.server.answer is not None:
            self._send(*self.server.answer)
        elif self.headers.get(name) != value:
            self._send(401, json.dumps({"message": "Bad credentials"}))
        else:
            status, answer = self.server.reply(self.command, parts.path, dict(parse_qsl(parts.query)), body)
            self._send(status, json.dumps(answer))

    do_POST = do_PUT = do_PATCH = do_GET


@contextmanager
def chat(answer: Any) -> Iterator[Chat]:
    """A chat that answers so."""
    found = Chat(answer)

    class Handler(_Handler):
        def do_POST(self) -> None:
            parts = urlsplit(self.path)
            found.sent.append(Message(parts.path, dict(parse_qsl(parts.query)), self._body()))
            self._send(200, json.dumps(found.answer))

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.address = f"http://127.0.0.1:{server.server_port}/robot/send?access_token=key-of-the-robot"
    with answering(server):
        yield found

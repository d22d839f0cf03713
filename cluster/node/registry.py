"""A registry, as whoever pushes images sees it.

Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

import base64
import json
import tarfile
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from pathlib import Path

_SECONDS = 120.0


@dataclass(frozen=True)
class Registry:
    """A registry without TLS.

    Attributes:
        address: Host and port.
        username: Who may pull and push.
        password: And with which password.
    """

    address: str
    username: str
    password: str

    def push(self, archive: Path, name: str) -> str:
        """Push the first image of an OCI archive (`buildah push … oci-archive:FILE` writes one, `write_image` too).

        Args:
            archive: The archive: a tar of an OCI image layout.
            name: `registry/repository:tag`; pods name the image so. Whatever registry it names, it goes to this one.

        Returns:
            The image's digest, `sha256:…`.

        Raises:
            OSError: The registry refused it.
        """
        repository, _, tag = name.partition("/")[2].rpartition(":")
        with tarfile.open(archive) as tar:
            (described, *_) = json.loads(_member(tar, "index.json"))["manifests"]
            manifest = _blob(tar, described["digest"])
            stated = json.loads(manifest)
            for each in (stated["config"], *stated["layers"]):
                self._upload(repository, each["digest"], _blob(tar, each["digest"]))
        path = f"/v2/{repository}/manifests/{tag}"
        self._ask("PUT", path, manifest, {"Content-Type": stated.get("mediaType", described["mediaType"])})
        return str(described["digest"])

    def _upload(self, repository: str, digest: str, blob: bytes) -> None:
        try:
            self._ask("HEAD", f"/v2/{repository}/blobs/{digest}")
        except urllib.error.HTTPError as error:
            if error.code != HTTPStatus.NOT_FOUND:
                raise
        else:
            return
        place = self._ask("POST", f"/v2/{repository}/blobs/uploads/")["Location"]
        joined = "&" if urllib.parse.urlsplit(place).query else "?"
        headers = {"Content-Type": "application/octet-stream"}
        self._ask("PUT", f"{place}{joined}digest={urllib.parse.quote(digest)}", blob, headers)

    def _ask(
        self, method: str, place: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Message:
        login = base64.b64encode(f"{self.username}:{self.password}".encode()).decode()
        request = urllib.request.Request(  # noqa: S310 - the registry's own address
            urllib.parse.urljoin(f"http://{self.address}/", place),
            data=body,
            method=method,
            headers={"Authorization": f"Basic {login}", **(headers or {})},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the address is this machine's
        with opener.open(request, timeout=_SECONDS) as answer:
            answer.read()
            found: Message = answer.headers
            return found


def _blob(tar: tarfile.TarFile, digest: str) -> bytes:
    return _member(tar, "blobs/" + digest.replace(":", "/"))


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    file = tar.extractfile(name)
    if file is None:
        raise OSError(f"{name} is no file of the archive")
    return file.read()

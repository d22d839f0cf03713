"""Downloads over HTTP: the user's proxies, in sight, with limits on silence. Needs the standard library only."""

from __future__ import annotations

import base64
import hashlib
import queue
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sandbox.network import CRAWL_BYTES, Standstill, WayFailedError, connect_seconds, given_up, host_of, stall_seconds
from sandbox.progress import Progress

_CHUNK = 1 << 18
_MEGABYTE = 1 << 20
_TICK = 0.5


def fetch(url: str, target: Path, progress: Progress, *, name: str, mirrors: str | None = None) -> str:
    """Download a file.

    HTTPS_PROXY, HTTP_PROXY, NO_PROXY and SSL_CERT_FILE are honoured. It works in a thread that is watched: a name
    lookup that hangs has no time limit of its own.

    Args:
        url: The address; a user and a password in it are sent as they should be, and never shown.
        target: The file to write.
        progress: Told how far the download is.
        name: What people read in progress lines.
        mirrors: The setting that names another address, for the report; None where there is none.

    Returns:
        The SHA-256 of what arrived.

    Raises:
        WayFailedError: No answer, an error, a download that stood still or crawled, or one that ended too early.
    """
    host, begin, stall, connect = host_of(url), time.monotonic(), stall_seconds(), connect_seconds()
    steps: queue.SimpleQueue[int | str | None] = queue.SimpleQueue()
    threading.Thread(target=_transfer, args=(url, target, stall, steps), daemon=True).start()
    received, answered, watch = 0, False, Standstill(stall)
    while True:
        seconds = time.monotonic() - begin
        if not answered and seconds >= connect:
            raise WayFailedError(given_up(host, f"did not answer in {connect:g} s", mirrors))
        if answered and watch.stands(received):
            raise WayFailedError(given_up(host, f"sent less than {CRAWL_BYTES // 1024} KB in {stall:g} s", mirrors))
        try:
            step = steps.get(timeout=min(_TICK, connect / 4))
        except queue.Empty:
            continue
        if step is None:
            return hashlib.sha256(target.read_bytes()).hexdigest()
        if isinstance(step, str):
            raise WayFailedError(f"{host}: {step} ({urlsplit(url).path})")
        if not answered:
            answered, watch = True, Standstill(stall)
        received += step
        rate = received / _MEGABYTE
        progress.live(f"{name}: downloading {target.name} from {host}, {rate:.0f} MB in {seconds:.0f} s")


def _transfer(url: str, target: Path, stall: float, steps: queue.SimpleQueue[int | str | None]) -> None:
    try:
        opener = urllib.request.build_opener()  # a new one: the shared one keeps the proxies of its first use
        with opener.open(_request(url), timeout=stall) as answer, target.open("wb") as file:
            steps.put(0)
            while chunk := answer.read1(_CHUNK):
                file.write(chunk)
                steps.put(len(chunk))
            if answer.length:
                steps.put("the connection ended too early")
        steps.put(None)
    except urllib.error.HTTPError as error:
        steps.put(f"HTTP {error.code}")
    except TimeoutError:
        return  # the watcher has the same limit and the better words
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, TimeoutError):
            steps.put(getattr(reason, "strerror", None) or str(reason))


def _request(url: str) -> urllib.request.Request:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("only http:// and https:// addresses can be fetched")
    request = urllib.request.Request(parts._replace(netloc=host_of(url)).geturl())  # noqa: S310 - looked at above
    if parts.username is not None:
        who = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        # Not passed on where the answer is a redirection to another host.
        request.add_unredirected_header("Authorization", f"Basic {base64.b64encode(who.encode()).decode()}")
    return request

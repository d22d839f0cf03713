"""One line to a chat: DingTalk (钉钉), WeCom (企业微信) or Feishu (飞书), by the address of a robot of a group.

Sources: https://open.dingtalk.com/document/robots/custom-robot-access,
https://developer.work.weixin.qq.com/document/path/91770,
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from pipelines.web import UnreachedError, ask
from sandbox.problem import SandboxError

URL, SECRET = "ACKP_WEBHOOK_URL", "ACKP_WEBHOOK_SECRET"
"""The variables of the robot's address, which is a secret, and of its signing key (加签), where it has one."""

_CHATS = {"oapi.dingtalk.com": "dingtalk", "qyapi.weixin.qq.com": "wecom", "open.feishu.cn": "feishu"}


def send(
    line: str, environment: Mapping[str, str], chat: str | None = None, now: Callable[[], float] = time.time
) -> str:
    """Send a line.

    Args:
        line: what to say.
        environment: has `URL` and, where the robot signs, `SECRET`.
        chat: ``dingtalk``, ``wecom`` or ``feishu``; told by the address if left out.
        now: the time, in seconds.

    Returns:
        The chat.

    Raises:
        SandboxError: the address is missing or of no known chat.
        UnreachedError: the chat does not answer, or refuses.
    """
    address, secret = environment.get(URL, "").strip(), environment.get(SECRET, "").strip()
    if not address:
        raise SandboxError(f"{URL} is not set: the address of the group's robot. It is a secret of the pipeline.")
    parts = urlsplit(address)
    if parts.scheme not in {"https", "http"} or not parts.hostname:
        raise SandboxError(f"{URL} is no address; a robot's begins with https://")
    chat = chat or _CHATS.get(parts.hostname)
    if chat is None:
        raise SandboxError(f"{URL} names {parts.hostname}, which tells no chat: add --chat dingtalk|wecom|feishu")
    query, body = _FORMS[chat](line, secret, now())
    secrets = (address, parts.path, parts.query, *(part.partition("=")[2] for part in parts.query.split("&")), secret)
    said = ask("POST", address, secrets=tuple(filter(_is_long, secrets)), body=body, query=query)
    code = said.get("errcode", said.get("code")) if isinstance(said, dict) else None
    if code != 0:
        what = said.get("errmsg") or said.get("msg") if isinstance(said, dict) else said
        raise UnreachedError(f"{parts.hostname} refused the message: {what} ({code})")
    return chat


def _is_long(secret: str) -> bool:
    """Whether it is worth hiding: `/` and the like would be hidden everywhere."""
    return len(secret) > 3  # noqa: PLR2004 - no key is that short


def _signature(key: str, message: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), message.encode(), hashlib.sha256).digest()).decode()


def _dingtalk(line: str, secret: str, now: float) -> tuple[dict[str, str], dict[str, Any]]:
    stamp = str(round(now * 1000))
    query = {"timestamp": stamp, "sign": _signature(secret, f"{stamp}\n{secret}")} if secret else {}
    return query, {"msgtype": "text", "text": {"content": line}}


def _wecom(line: str, secret: str, now: float) -> tuple[dict[str, str], dict[str, Any]]:
    del secret, now  # its address alone authenticates
    return {}, {"msgtype": "text", "text": {"content": line}}


def _feishu(line: str, secret: str, now: float) -> tuple[dict[str, str], dict[str, Any]]:
    stamp = str(int(now))
    signed = {"timestamp": stamp, "sign": _signature(f"{stamp}\n{secret}", "")} if secret else {}
    return {}, {**signed, "msg_type": "text", "content": {"text": line}}


_FORMS = {"dingtalk": _dingtalk, "wecom": _wecom, "feishu": _feishu}
CHATS = tuple(_FORMS)
"""The chats."""

"""What the API server says when it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cluster.api import ApiException

_FORBIDDEN = 403


def refusal(action: Callable[[], object]) -> str:
    """The message with which the API server forbids a request; fails where it does not."""
    with pytest.raises(ApiException) as raised:
        action()
    assert raised.value.status == _FORBIDDEN, raised.value
    return str(json.loads(raised.value.body or "{}")["message"])

"""What the API server says when it refuses."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cluster.api import ApiException
from tests.cluster.applier import RunError

_FORBIDDEN = 403


def refusal(action: Callable[[], object]) -> str:
    """The message with which the API server forbids a request; fails where it does not."""
    with pytest.raises((ApiException, RunError)) as raised:
        action()
    if isinstance(raised.value, ApiException):
        assert raised.value.status == _FORBIDDEN, raised.value
        return str(json.loads(raised.value.body or "{}")["message"])
    assert isinstance(raised.value, RunError)
    (failed,) = raised.value.failed
    assert " is forbidden: " in failed.said, failed
    return failed.said

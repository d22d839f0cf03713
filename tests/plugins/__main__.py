"""Run the tests with real plug-ins, or say at once what is missing: ``python -m tests.plugins [ARGUMENT...]``."""

from __future__ import annotations

import sys

import pytest

from tests.plugins.tools import MissingError, find_tools


def main() -> int:
    """Run the tests; the result is the exit code."""
    try:
        find_tools()
    except MissingError as missing:
        print(missing, file=sys.stderr)  # noqa: T201 - this command talks to people
        return 1
    return int(pytest.main(["tests/plugins", "-v", *sys.argv[1:]]))


if __name__ == "__main__":
    sys.exit(main())

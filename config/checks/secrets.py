"""Secrets in plain text: by the name of a key, by the look of a value. Values are never repeated in a report."""

import math
import re
from collections import Counter
from collections.abc import Iterator

from pydantic import JsonValue

from config.errors import Problem
from config.files import KeyPath, show_path
from config.stack import StackSettings

MASK = "*** (hidden)"
_NAME = re.compile(
    r"(?i)(?:^|[._/-])(?:password|passwd|pwd|passphrase|secret|token|credentials?"
    r"|(?:access|api|private|secret|sign(?:ing)?|encrypt(?:ion)?|master)[._-]?key(?:[._-]?(?:id|secret))?)$"
)
_GLUED_NAME = re.compile(
    r"(?:[a-z](?:Password|Passwd|Secret|Token|AccessKey|ApiKey|PrivateKey|SecretKey|KeySecret)|accessKeyId)$"
)
_HARMLESS = re.compile(
    r"|true|false|null|none|\d+(?:ms|s|m|h|d)?|\$\{[^}]*\}|\$\([A-Z_]+\)|ENC\(.*\)|(?:file|classpath):.*|/[\w./-]*"
)
_TELLTALE = re.compile(
    r"LTAI[0-9A-Za-z]{12,}|AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|eyJ[\w-]{10,1000}\.eyJ[\w-]{10}"
    r"|[a-z][a-z0-9+.-]{0,30}://[^\s/:@]+:(?!\$[{(])[^\s/:@]+@|(?i:[?&;](?:password|pwd|secret|token)=(?!\$[{(])[^&;\s]+)"
)
_RANDOM = re.compile(r"(?<![\w/+=.-])[0-9A-Za-z+/_-]{24,}={0,2}(?![\w/+=.-])")
_BITS_PER_CHARACTER = 4.2
_LINE = re.compile(r"^\s*(?:-\s+)?[\"']?(?P<key>[\w.-]+)[\"']?\s*[:=](?P<value>.*)")
# No pattern may try again and again how far it can go: a file may be one line of a megabyte.


def check(settings: StackSettings) -> Iterator[Problem]:
    """Every value of a service that is, or looks like, a secret in plain text."""
    for path, key, value in _texts(settings):
        if is_secret(key, value):
            yield _problem(path)
    for name, service in settings.services.items():
        for file, text in service.config_files.items():
            for number, line in enumerate(text.splitlines(), start=1):
                match = _LINE.match(line)
                key, value = (match["key"], match["value"].strip().strip("\"'")) if match else ("", line)
                if not line.lstrip().startswith("#") and is_secret(key, value):
                    yield _problem(("services", name, "configFiles", file), f" (its line {number}, {key or 'no key'})")


def _texts(settings: StackSettings) -> Iterator[tuple[KeyPath, str, str]]:
    """Every free text of the services with its path and the name that it has there."""
    for name, service in settings.services.items():
        base: KeyPath = ("services", name)
        for variable, value in service.env.items():
            yield (*base, "env", variable), variable, value
        for key, value in service.annotations.items():
            yield (*base, "annotations", key), key, value
        for key, value in service.ingress.annotations.items() if service.ingress else ():
            yield (*base, "ingress", "annotations", key), key, value
        for role, patch in service.patch.stated.items():
            yield from _patched((*base, "patch", role), role, patch)
        lists: tuple[tuple[KeyPath, tuple[str, ...]], ...] = (
            (("jvm", "options"), service.jvm.options),
            (("systemOptions",), service.system_options),
            (("programParams",), service.program_params),
        )
        for keys, options in lists:
            for index, option in enumerate(options):
                yield (*base, *keys, index), *_option(option)


def _option(text: str) -> tuple[str, str]:
    """An option's name and value."""
    key, _, value = text.partition("=")
    return key.removeprefix("-D").lstrip("-"), value


def _patched(path: KeyPath, key: str, patch: JsonValue) -> Iterator[tuple[KeyPath, str, str]]:
    """Every text of a patch; a variable's value has the variable's name, an item of a list may be an option."""
    if isinstance(patch, dict):
        for name, value in patch.items():
            yield from _patched((*path, name), str(patch.get("name", name)) if name == "value" else name, value)
    elif isinstance(patch, list):
        for index, value in enumerate(patch):
            text = isinstance(value, str) and "=" in value
            yield from [((*path, index), *_option(str(value)))] if text else _patched((*path, index), key, value)
    elif isinstance(patch, str):
        yield path, key, patch


def is_secret(key: str, value: str) -> bool:
    """Whether a value is a secret, by the name that it has or by its look."""
    named = _NAME.search(key) or _GLUED_NAME.search(key)
    if named and not _HARMLESS.fullmatch(value):
        return True
    return _TELLTALE.search(value) is not None or any(map(_is_random, _RANDOM.findall(value)))


def _is_random(word: str) -> bool:
    """Whether a word of letters and digits has more variety than a name has."""
    mixed = re.search(r"[a-z]", word) and re.search(r"[A-Z]", word) and re.search(r"\d", word)
    counts = Counter(word).values()
    bits = -sum(count / len(word) * math.log2(count / len(word)) for count in counts)
    return bool(mixed) and bits >= _BITS_PER_CHARACTER


def _problem(path: KeyPath, place: str = "") -> Problem:
    rule = f"must not hold a secret in plain text{place}"
    service = path[1]
    mend = f"a Secret of the namespace: services.{service}.envFromSecrets: {{VARIABLE: secret-name/key}}"
    return Problem(show_path(path), rule, mend, MASK)

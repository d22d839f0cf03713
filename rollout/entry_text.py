"""An image, or another setting, of a service in a stack file's text: the few characters that say it and no other."""

from __future__ import annotations

import yaml

from config.files import is_text
from config.stack import PROJECT

_ROOT = ("config", f"{PROJECT}:services")


def with_image(text: str, service: str, tag: str | None, digest: str | None) -> str | None:
    """The text with another tag and digest of a service's image, each in the place of the old one.

    A digest that is new stands behind the tag, in the layout that the tag has.

    Args:
        text: the stack file's text, which is YAML.
        service: the service.
        tag: the tag; None for an image without one.
        digest: the digest; None for an image without one.

    Returns:
        None where it takes more than that.
    """
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    image = _below(root, (*_ROOT, service, "image"))
    if not isinstance(image, yaml.MappingNode):
        return None
    values = {key.value: value for key, value in image.value}
    if (
        not (tag or digest)
        or "rollout" in values
        or (tag is None) != ("tag" not in values)
        or not {"tag", "digest"} & set(values)
    ):
        return None
    edits = [_replaced(values[key], new) for key, new in (("tag", tag), ("digest", digest)) if key in values and new]
    if digest is None and "digest" in values:
        edits.append(_dropped(text, image, "digest"))
    if digest and "digest" not in values:
        edits.append(_added(text, image, values["tag"], f'digest: "{digest}"'))
    for start, end, new in sorted(edits, reverse=True):
        text = f"{text[:start]}{new}{text[end:]}"
    return text


def with_setting(text: str, service: str, name: str, value: str) -> str | None:
    """The text with another value of a service's setting, in its place or at the end of an entry on one line.

    Args:
        text: the stack file's text, which is YAML.
        service: the service.
        name: the setting.
        value: the value.

    Returns:
        None where it takes more than that.
    """
    entry = _below(yaml.compose(text, Loader=yaml.SafeLoader), (*_ROOT, service))
    if not isinstance(entry, yaml.MappingNode) or not entry.value:
        return None
    stated = next((node for key, node in entry.value if key.value == name), None)
    if stated is None and not entry.flow_style:
        return None
    last = entry.value[-1][1]
    start, end, new = _replaced(stated, value) if stated else _added(text, entry, last, f'{name}: "{value}"')
    return f"{text[:start]}{new}{text[end:]}"


def _below(node: yaml.Node | None, keys: tuple[str, ...]) -> yaml.Node | None:
    for name in keys:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for key, value in node.value if key.value == name), None)
    return node


def _replaced(node: yaml.Node, new: str) -> tuple[int, int, str]:
    """Another value in the quotes of the old one."""
    quote = getattr(node, "style", None) or ("" if is_text(new) else '"')
    return node.start_mark.index, node.end_mark.index, f"{quote}{new}{quote}"


def _added(text: str, mapping: yaml.MappingNode, last: yaml.Node, pair: str) -> tuple[int, int, str]:
    """A pair behind a value: on its line in a mapping on one line, else on a line of its own."""
    if mapping.flow_style:
        at = last.end_mark.index
        return at, at, f", {pair}"
    line = "\r\n" if "\r\n" in text else "\n"
    at = text.find(line, last.end_mark.index)
    at = len(text) if at < 0 else at
    return at, at, f"{line}{' ' * mapping.start_mark.column}{pair}"


def _dropped(text: str, image: yaml.MappingNode, name: str) -> tuple[int, int, str]:
    """A pair that goes: out of a mapping on one line with its comma, else the whole line."""
    at = next(index for index, (key, _) in enumerate(image.value) if key.value == name)
    key, value = image.value[at]
    if not image.flow_style:
        end = text.find("\n", value.end_mark.index) + 1
        return text.rfind("\n", 0, key.start_mark.index) + 1, end or len(text), ""
    if at:
        return image.value[at - 1][1].end_mark.index, value.end_mark.index, ""
    return key.start_mark.index, image.value[1][0].start_mark.index, ""

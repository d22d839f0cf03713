"""A stack file is edited where it must change; every other line stays as it is, comments included."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
import yaml

from config.files import parse_yaml, replace_text
from improvements.edit import Edit, changed
from improvements.stack_file import StackFileError, edited
from tests.improvements.adopted import NAME, text
from tests.improvements.test_application import improved

STACK = """\
config:
  ack-platform:services:
    # the first
    file: # runs uploads
      # why two
      replicas: 2
      image: { tag: "1.0" } # by hand

      configFiles:
        application.yml: |
          # a comment of the file
          a: 1
    # the second
    study: { image: { tag: x }, replicas: 1 }   # on one line
    exam:
"""


def edit(content: str, service: str, **settings: object) -> str:
    wanted = Edit({(key,): value for key, value in settings.items()})
    after = edited(content, parse_yaml(NAME, content), service, {"image": {"tag": "x"}}, wanted)
    services = yaml.safe_load(content)["config"]["ack-platform:services"]
    expected = changed(services[service] or {}, {"image": {"tag": "x"}}, wanted)
    assert yaml.safe_load(after)["config"]["ack-platform:services"] == {**services, service: expected}
    return after


def added_and_removed(before: str, after: str) -> tuple[list[str], list[str]]:
    lines = list(difflib.ndiff(before.splitlines(), after.splitlines()))
    return [each[2:] for each in lines if each[0] == "+"], [each[2:] for each in lines if each[0] == "-"]


def test_a_setting_that_changes_is_the_only_line_that_does() -> None:
    after = edit(STACK, "file", replicas=3)
    assert added_and_removed(STACK, after) == (["      replicas: 3"], ["      replicas: 2"])


def test_a_new_setting_comes_at_the_end_of_its_entry_and_a_block_of_text_stays_whole() -> None:
    after = edit(STACK, "file", securityProfile="legacy", timeZone="UTC")
    added = ["      securityProfile: legacy", "      timeZone: UTC"]
    assert added_and_removed(STACK, after) == (added, [])
    assert after.index("timeZone") < after.index("# the second")


def test_an_entry_on_one_line_and_an_empty_one_are_edited_too() -> None:
    after = edit(STACK, "study", securityProfile="legacy")
    assert "    study: {image: {tag: x}, replicas: 1, securityProfile: legacy} # on one line\n" in after
    assert "replicas: 3" in edit(STACK, "exam", replicas=3)


def test_services_on_one_line_are_edited_as_the_file_they_are() -> None:
    content = (
        "config: # all\n  ack-platform:services: {file: {image: {tag: x}, replicas: 1}, study: {image: {tag: y}}}\n"
    )
    assert "replicas: 3" in edit(content, "file", replicas=3)
    assert "# all" in edit(content, "file", replicas=3)


def test_text_that_yaml_would_read_as_something_else_stands_in_quotes() -> None:
    assert 'timeZone: "no"' in edited(
        STACK, parse_yaml(NAME, STACK), "file", {}, Edit({("annotations",): {"a": "no"}, ("timeZone",): "no"})
    )


def test_a_null_is_written_so_that_it_can_be_seen() -> None:
    content = STACK.replace("replicas: 2", "serviceAccount: default")
    after = edited(content, parse_yaml(NAME, content), "file", {"metrics": {}}, Edit({("metrics",): None}))
    assert "      metrics: null" in after


def test_comments_stay_even_where_what_they_are_about_goes() -> None:
    after, _ = improved("file", "rollout", "drain")
    added, removed = added_and_removed(text(), after)
    assert added == []
    assert [line for line in removed if line.lstrip().startswith("#")] == []
    assert after.count("# as the console made it") == text().count("# as the console made it") > 0


def test_lines_end_as_they_did() -> None:
    content = STACK.replace("\n", "\r\n")
    after = edited(content, parse_yaml(NAME, content), "file", {}, Edit({("replicas",): 3}))
    assert after == content.replace("replicas: 2", "replicas: 3")


def test_a_value_is_changed_in_its_place_with_its_quotes_and_the_comment_beside_it() -> None:
    content = STACK.replace(
        'image: { tag: "1.0" } # by hand', 'image:\n        tag: "1.0" # by hand\n        digest: x # why'
    )
    wanted = Edit({("image", "tag"): "1.1", ("image", "digest"): f"sha256:{'a' * 64}"})
    after = edited(content, parse_yaml(NAME, content), "file", {}, wanted)
    assert after == content.replace('"1.0" # by', '"1.1" # by').replace("digest: x #", f"digest: sha256:{'a' * 64} #")


def test_a_service_that_the_file_does_not_have_cannot_be_edited() -> None:
    with pytest.raises(StackFileError, match="nothing was written"):
        edited(STACK, parse_yaml(NAME, STACK), "gateway", {}, Edit({("replicas",): 3}))


def test_a_file_is_replaced_whole_with_its_mode_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text("old", encoding="utf-8")
    path.chmod(0o640)
    replace_text(path, "new\n")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert path.stat().st_mode & 0o777 == 0o640
    path.chmod(0o640)
    with pytest.raises(UnicodeEncodeError):
        replace_text(path, "\ud800")
    assert path.read_text(encoding="utf-8") == "new\n"
    assert [each.name for each in tmp_path.iterdir()] == [NAME]

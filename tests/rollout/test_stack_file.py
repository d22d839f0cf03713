"""A stack file with another image of one service: nothing else of it changes."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from components.manifests.objects import objects_of
from config import SettingsError
from rollout.stack_file import with_restart, with_wanted
from rollout.wanted import RolloutError, Wanted
from tests.rollout.stacks import STUDY, A, B, stack, with_study

NEW_TAG = "uat-1.9.3-a1b2c3d4-20261110T090000"
NEW = Wanted(NEW_TAG, B)
TAG = "uat-1.9.3-a1b2c3d4-20261109T100000"
BLOCK = f"""\
    study: # 学习
      image: # why
        tag: '{NEW.tag}' # by hand
        digest: "{B}"
      replicas: 3 # size
"""
FLOW = f'    study: {{ image: {{ tag: {NEW.tag}, digest: "{B}" }} }}\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STUDY, FLOW),
        (
            STUDY.replace("{ image: { tag", "{ replicas: 3, image: { tag"),
            FLOW.replace("{ image", "{ replicas: 3, image"),
        ),
        (
            f"    study: # 学习\n      image: # why\n        tag: '{TAG}' # by hand\n      replicas: 3 # size\n",
            BLOCK,
        ),
        (
            f"    study:\n      image:\n        digest: '{A}' # pinned\n        tag: {TAG}\n",
            f"    study:\n      image:\n        digest: '{B}' # pinned\n        tag: {NEW.tag}\n",
        ),
        (
            f"    study:\n      image:\n        tag: {TAG}",
            f'    study:\n      image:\n        tag: {NEW.tag}\n        digest: "{B}"',
        ),
    ],
    ids=["on one line", "among others", "on lines of its own", "digest first", "without an end of line"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_only_the_image_changes_and_every_other_character_of_the_file_stays(before: str, after: str, end: str) -> None:
    text = with_study("uat", before).replace("\n", end)
    assert with_wanted(text, stack("uat", text=text), "study", NEW) == with_study("uat", after).replace("\n", end)


def test_promoting_again_changes_nothing() -> None:
    text = with_study("uat", FLOW)
    assert with_wanted(text, stack("uat", text=text), "study", NEW) == text


EXAM = "exam:\n      image: { tag: uat-2.0.0-c4d5e6f7-20261109T095500 }"


@pytest.mark.parametrize(
    ("service", "exam", "study"),
    [
        ("study", EXAM.replace("{ tag", "&shared { tag"), "    study: { image: *shared }\n"),
        ("exam", EXAM.replace("{ tag", "&shared { tag"), "    study: { image: *shared }\n"),
        ("study", EXAM.replace("tag: ", "tag: &tag "), "    study: { image: { tag: *tag } }\n"),
        ("exam", EXAM.replace("tag: ", "tag: &tag "), "    study: { image: { tag: *tag } }\n"),
    ],
    ids=["an alias", "an anchor", "a tag that is an alias", "a tag with an anchor"],
)
def test_what_anchors_share_stays_with_the_others(service: str, exam: str, study: str) -> None:
    shipped = with_study("uat", study)
    assert EXAM in shipped
    text = shipped.replace(EXAM, exam)
    after = yaml.safe_load(with_wanted(text, stack("uat", text=text), service, NEW))
    expected = yaml.safe_load(text)
    entry = expected["config"]["ack-platform:services"][service]
    expected["config"]["ack-platform:services"][service] = {**entry, "image": {"tag": NEW.tag, "digest": NEW.digest}}
    assert after == expected


def test_an_entry_that_is_an_alias_as_a_whole_is_refused() -> None:
    text = with_study("uat", "    study: *file\n").replace("    file: {", "    file: &file {")
    with pytest.raises(RolloutError, match=r"Pulumi.uat.yaml: the image of study cannot be edited in place"):
        with_wanted(text, stack("uat", text=text), "study", NEW)


def test_a_moving_tag_gives_way_with_its_rollout_token() -> None:
    text = with_study("uat", '    study: { image: { tag: uat-latest, rollout: "1" }, replicas: 3 } # slow\n')
    after = with_wanted(text, stack("uat", text=text), "study", NEW)
    study = yaml.safe_load(after)["config"]["ack-platform:services"]["study"]
    assert study == {"image": {"tag": NEW.tag, "digest": NEW.digest}, "replicas": 3}
    assert "# slow" in after
    assert after.splitlines()[:-1] == text.splitlines()[:-1]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STUDY, STUDY.replace(TAG, NEW_TAG)),
        (FLOW, STUDY.replace(TAG, NEW_TAG)),
        (f'    study: {{ image: {{ digest: "{A}", tag: {TAG} }} }}\n', STUDY.replace(TAG, NEW_TAG)),
        (
            f"    study:\n      image:\n        digest: '{A}' # pinned\n        tag: {TAG} # why\n",
            f"    study:\n      image:\n        tag: {NEW_TAG} # why\n",
        ),
        (BLOCK, BLOCK.replace(f'        digest: "{B}"\n', "")),
        (
            f"    study:\n      image:\n        tag: {TAG}\n        digest: {A}",
            f"    study:\n      image:\n        tag: {NEW_TAG}\n",
        ),
    ],
    ids=["none before", "on one line", "first on one line", "first", "among others", "without an end of line"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_an_image_without_a_digest_leaves_none_in_the_file(before: str, after: str, end: str) -> None:
    text = with_study("uat", before).replace("\n", end)
    wanted = dataclasses.replace(NEW, digest=None)
    assert with_wanted(text, stack("uat", text=text), "study", wanted) == with_study("uat", after).replace("\n", end)


def test_without_a_tag_the_old_one_goes() -> None:
    text = with_study("uat", STUDY)
    after = with_wanted(text, stack("uat", text=text), "study", dataclasses.replace(NEW, tag=None))
    assert yaml.safe_load(after)["config"]["ack-platform:services"]["study"] == {"image": {"digest": B}}


def test_what_check_would_refuse_is_not_with_wanted() -> None:
    text = with_study("uat", STUDY)
    with pytest.raises(SettingsError, match="image"):
        with_wanted(text, stack("uat", text=text), "study", Wanted("test-1.9.3-a1b2c3d4-20261110T090000", B))


WHEN = "2026-11-26T04:00:00Z"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (STUDY, STUDY.replace(" } }\n", f' }}, restartedAt: "{WHEN}" }}\n')),
        (BLOCK, f'{BLOCK}      restartedAt: "{WHEN}"\n'),
        (
            f"    study:\n      image:\n        tag: {TAG} # why\n\n    # the end\n",
            f'    study:\n      image:\n        tag: {TAG} # why\n      restartedAt: "{WHEN}"\n\n    # the end\n',
        ),
        (
            f"    study: {{ restartedAt: '2026-11-01T00:00:00Z', image: {{ tag: {TAG} }} }} # slow\n",
            f"    study: {{ restartedAt: '{WHEN}', image: {{ tag: {TAG} }} }} # slow\n",
        ),
        (
            f'    study:\n      restartedAt: "2026-11-01T00:00:00Z" # leak\n      image: {{ tag: {TAG} }}\n',
            f'    study:\n      restartedAt: "{WHEN}" # leak\n      image: {{ tag: {TAG} }}\n',
        ),
    ],
    ids=["on one line", "on lines of its own", "before a comment", "again", "again, on a line of its own"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_restart_is_one_more_setting_and_every_other_character_of_the_file_stays(
    before: str, after: str, end: str
) -> None:
    text = with_study("uat", before).replace("\n", end)
    assert with_restart(text, stack("uat", text=text), "study", WHEN) == with_study("uat", after).replace("\n", end)


def test_a_time_that_kubectl_wrote_and_adopting_kept_gives_way() -> None:
    patch = 'template: { metadata: { annotations: { kubectl.kubernetes.io/restartedAt: "2026-01-01T00:00:00Z" } } }'
    text = with_study(
        "uat", f"    study: {{ image: {{ tag: {TAG} }}, patch: {{ deployment: {{ spec: {{ {patch} }} }} }} }}\n"
    )
    after = stack("uat", text=with_restart(text, stack("uat", text=text), "study", WHEN))
    template = objects_of(after.settings, "study")["deployment"]["spec"]["template"]
    assert template["metadata"]["annotations"] == {"kubectl.kubernetes.io/restartedAt": WHEN}
    assert after.subject("study").own == {"image": {"tag": TAG}, "restartedAt": WHEN}


def test_a_restart_of_a_service_that_is_an_alias_is_refused() -> None:
    text = with_study("uat", "    study: *file\n").replace("    file: {", "    file: &file {")
    with pytest.raises(RolloutError, match=r"Pulumi.uat.yaml: the restart of study cannot be edited in place"):
        with_restart(text, stack("uat", text=text), "study", WHEN)

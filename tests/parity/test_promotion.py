"""Which image a service is to run in the next stack, and the stack file with it."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

from config import CATALOGUE, SettingsError
from config.files import parse_yaml, read_yaml
from config.load import source_of
from improvements.improvement import Stack
from parity.promotion import PromotionError, Wanted, promoted, refuse_unknown, wanted_image
from tests.settings import ROOT

A, B = (f"sha256:{letter * 64}" for letter in "ab")
STUDY = "    study: { image: { tag: uat-1.9.3-a1b2c3d4-20261109T100000 } }\n"
NEUTRAL = f'    study: {{ image: {{ tag: "2.0.0", digest: "{A}" }} }}\n'


class Images:
    """A registry's images by tag or digest; what was asked is kept."""

    def __init__(self, **images: str) -> None:
        self.images = {tag.replace("_", "-"): digest for tag, digest in images.items()}
        self.asked: list[str] = []

    def tags(self, repository: str) -> list[str]:
        self.asked.append(repository)
        return list(self.images)

    def digest(self, repository: str, reference: str) -> str | None:
        self.asked.append(f"{repository}:{reference}")
        return self.images.get(reference)


class NoRegistry:
    """A registry that must not be asked."""

    def tags(self, repository: str) -> list[str]:
        raise AssertionError(repository)

    def digest(self, repository: str, reference: str) -> str | None:
        raise AssertionError(repository + reference)


def stack(name: str, study: str = "", text: str = "") -> Stack:
    """A shipped stack with another line for `study`, or of another text."""
    content = text or with_study(name, study)
    return Stack.load(source_of(name, parse_yaml(f"Pulumi.{name}.yaml", content)), read_yaml(CATALOGUE))


def with_study(name: str, study: str) -> str:
    shipped = (ROOT / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    *lines, last = shipped.splitlines(keepends=True)
    assert last.lstrip().startswith("study:")
    return "".join([*lines, study or last])


def images(*tags: str) -> Images:
    found = Images()
    found.images = {tag: f"sha256:{number:064}" for number, tag in enumerate(tags)}
    return found


def test_the_newest_build_of_the_same_version_and_commit_for_the_targets_profile_is_taken() -> None:
    known = images(
        "uat-1.9.3-a1b2c3d4-20261110T0900",
        "uat-1.9.3-a1b2c3d4-20261110T090001",
        "uat-1.9.3-a1b2c3d4-20261109T100000",
        "test-1.9.3-a1b2c3d4-20261111T080000",
        "uat-1.9.4-a1b2c3d4-20261112T080000",
        "uat-1.9.3-ffffffff-20261113T080000",
        "uat-latest",
    )
    found = wanted_image(stack("test"), stack("uat"), "study", known)
    assert found == Wanted("uat-1.9.3-a1b2c3d4-20261110T090001", f"sha256:{1:064}")
    assert known.asked[0] == "example/study"


def test_a_commit_that_is_cut_shorter_in_one_tag_is_the_same() -> None:
    known = images("uat-1.9.3-a1b2c3d-20261110T0900")
    assert wanted_image(stack("test"), stack("uat"), "study", known).tag == "uat-1.9.3-a1b2c3d-20261110T0900"


def test_the_build_that_is_missing_is_named() -> None:
    known = images("test-1.9.3-a1b2c3d4-20261101T080000", "uat-1.9.3-ffffffff-20261113T080000")
    with pytest.raises(PromotionError, match=r"has no image uat-1\.9\.3-a1b2c3d4-….* Build it with PROFILE=uat"):
        wanted_image(stack("test"), stack("uat"), "study", known)


def test_an_image_that_fits_every_environment_is_taken_over_by_tag_and_digest() -> None:
    found = wanted_image(stack("test", NEUTRAL), stack("uat"), "study", Images(**{A: A}))
    assert found == Wanted("2.0.0", A)


def test_an_image_that_the_targets_registry_does_not_have_is_refused() -> None:
    with pytest.raises(PromotionError, match=f"example/study does not have {A}; push the image there"):
        wanted_image(stack("test", NEUTRAL), stack("uat"), "study", Images())


def test_a_source_without_a_digest_is_refused_and_the_mend_named() -> None:
    with pytest.raises(PromotionError, match=r"study has no digest in Pulumi.test.yaml \(its image is 2.0.0\).*Pin it"):
        wanted_image(stack("test", '    study: { image: { tag: "2.0.0" } }\n'), stack("uat"), "study", NoRegistry())


def test_a_digest_that_is_given_needs_no_registry() -> None:
    assert wanted_image(stack("test"), stack("uat"), "study", NoRegistry(), B) == Wanted(None, B)
    assert wanted_image(stack("test", NEUTRAL), stack("uat"), "study", NoRegistry(), A) == Wanted("2.0.0", A)
    with pytest.raises(PromotionError, match=f"study runs {A} in Pulumi.test.yaml, not {B}"):
        wanted_image(stack("test", NEUTRAL), stack("uat"), "study", NoRegistry(), B)


def test_an_unknown_service_is_named_with_the_nearest_one() -> None:
    with pytest.raises(PromotionError, match=r'studi is no service of Pulumi.test.yaml; did you mean "study"\?'):
        refuse_unknown("studi", stack("test"), stack("uat"))


NEW = Wanted("uat-1.9.3-a1b2c3d4-20261110T090000", B)
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
    assert promoted(text, stack("uat", text=text), "study", NEW) == with_study("uat", after).replace("\n", end)


def test_promoting_again_changes_nothing() -> None:
    text = with_study("uat", FLOW)
    assert promoted(text, stack("uat", text=text), "study", NEW) == text


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
    after = yaml.safe_load(promoted(text, stack("uat", text=text), service, NEW))
    expected = yaml.safe_load(text)
    entry = expected["config"]["ack-platform:services"][service]
    expected["config"]["ack-platform:services"][service] = {**entry, "image": {"tag": NEW.tag, "digest": NEW.digest}}
    assert after == expected


def test_an_entry_that_is_an_alias_as_a_whole_is_refused() -> None:
    text = with_study("uat", "    study: *file\n").replace("    file: {", "    file: &file {")
    with pytest.raises(PromotionError, match=r"Pulumi.uat.yaml: the image of study cannot be edited in place"):
        promoted(text, stack("uat", text=text), "study", NEW)


def test_a_moving_tag_gives_way_with_its_rollout_token() -> None:
    text = with_study("uat", '    study: { image: { tag: uat-latest, rollout: "1" }, replicas: 3 } # slow\n')
    after = promoted(text, stack("uat", text=text), "study", NEW)
    study = yaml.safe_load(after)["config"]["ack-platform:services"]["study"]
    assert study == {"image": {"tag": NEW.tag, "digest": NEW.digest}, "replicas": 3}
    assert "# slow" in after
    assert after.splitlines()[:-1] == text.splitlines()[:-1]


def test_without_a_tag_the_old_one_goes() -> None:
    text = with_study("uat", STUDY)
    after = promoted(text, stack("uat", text=text), "study", dataclasses.replace(NEW, tag=None))
    assert yaml.safe_load(after)["config"]["ack-platform:services"]["study"] == {"image": {"digest": B}}


def test_what_check_would_refuse_is_not_promoted() -> None:
    text = with_study("uat", STUDY)
    with pytest.raises(SettingsError, match="image"):
        promoted(text, stack("uat", text=text), "study", Wanted("test-1.9.3-a1b2c3d4-20261110T090000", B))

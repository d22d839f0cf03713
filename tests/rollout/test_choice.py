"""Which image is meant: a tag's, the newest build's, or the one that a name says."""

from __future__ import annotations

import pytest

from rollout.choice import newest, tagged
from rollout.reference import Reference, reference_of, registry_of
from rollout.wanted import RolloutError, Wanted
from tests.rollout.stacks import A, Images, NoRegistry, images, stack

REPOSITORY = "registry-vpc.cn-hangzhou.aliyuncs.com/example/study"


def test_the_newest_build_of_the_stacks_profile_is_taken_whatever_its_version() -> None:
    known = images(
        "uat-2.0.0-a1b2c3d4-20261110T090000",
        "uat-1.9.3-ffffffff-20261111T0900",
        "uat-1.9.3-eeeeeee-20261111T085959",
        "test-1.9.4-a1b2c3d4-20261112T090000",
        "uat-latest",
        "9.9.9",
    )
    assert newest(stack("uat"), "study", known) == Wanted("uat-1.9.3-ffffffff-20261111T0900", f"sha256:{1:064}")


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        (("test-1.9.4-a1b2c3d4-20261112T090000", "prod-1.0-a1b2c3d4-20261112T0900"), "builds for prod, test only"),
        (("uat-latest", "9.9.9"), "2 tags, none of this form"),
        ((), "no tags"),
    ],
)
def test_without_a_build_for_the_profile_what_there_is_instead_is_said(tags: tuple[str, ...], said: str) -> None:
    with pytest.raises(RolloutError, match=rf"{REPOSITORY} has no image uat-.*timestamp}}: {said}"):
        newest(stack("uat"), "study", images(*tags))


def test_the_newest_in_the_registry_does_not_replace_a_later_one_in_the_file() -> None:
    known = images("uat-1.9.3-a1b2c3d4-20261109T095959", "test-1.9.3-a1b2c3d4-20270101T000000")
    with pytest.raises(
        RolloutError, match=r"has uat-1.9.3-a1b2c3d4-20261109T100000, which is later than .*; to go back"
    ):
        newest(stack("uat"), "study", known)


def test_a_tag_is_pinned_by_the_digest_that_it_names_now_and_a_moving_one_too() -> None:
    known = images("2.0.0", "uat-latest")
    assert tagged(stack("uat"), "study", "uat-latest", known) == Wanted("uat-latest", f"sha256:{1:064}")
    assert known.asked == ["example/study:uat-latest"]


@pytest.mark.parametrize("tag", ["test-1.9.3-a1b2c3d4-20261110T090000", "test-latest"])
def test_an_image_of_another_profile_is_refused_before_the_registry_is_asked(tag: str) -> None:
    with pytest.raises(RolloutError, match=rf"{tag} was built for the profile test, and Pulumi.uat.yaml .* uat"):
        tagged(stack("uat"), "study", tag, NoRegistry())


def test_what_is_no_tag_is_refused_before_the_registry_is_asked() -> None:
    with pytest.raises(RolloutError, match=r"the tag '\.\./x' must be an image tag, in quotes; for example"):
        tagged(stack("uat"), "study", "../x", NoRegistry())


def test_a_tag_that_is_not_there_is_named_with_the_nearest_one() -> None:
    known = images("uat-1.9.3-a1b2c3d4-20261110T090000", "2.0.0")
    with pytest.raises(
        RolloutError, match=r'has no image .*09000; did you mean "uat-1.9.3-a1b2c3d4-20261110T090000"\?'
    ):
        tagged(stack("uat"), "study", "uat-1.9.3-a1b2c3d4-20261110T09000", known)
    with pytest.raises(RolloutError, match="has no image abc; push it first"):
        tagged(stack("uat"), "study", "abc", known)
    with pytest.raises(RolloutError, match="there is no such repository"):
        tagged(stack("uat"), "study", "abc", Images())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{REPOSITORY}:2.0.0", ("2.0.0", None)),
        (f"{REPOSITORY}@{A}", (None, A)),
        (f"{REPOSITORY}:2.0.0@{A}", ("2.0.0", A)),
    ],
)
def test_an_images_name_says_tag_and_digest(name: str, expected: tuple[str | None, str | None]) -> None:
    host = REPOSITORY.partition("/")[0]
    assert reference_of(stack("uat"), "study", name) == Reference(host, "example/study", *expected)


def test_the_registrys_public_name_is_the_same_registry() -> None:
    name = "registry.cn-hangzhou.aliyuncs.com/example/study:2.0.0"
    assert reference_of(stack("uat"), "study", name).host == "registry.cn-hangzhou.aliyuncs.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("registry-vpc.cn-hangzhou.aliyuncs.com", "registry.cn-hangzhou.aliyuncs.com"),
        ("registry-internal.cn-hangzhou.aliyuncs.com", "registry.cn-hangzhou.aliyuncs.com"),
        ("crpi-a1-vpc.cn-hangzhou.personal.cr.aliyuncs.com", "crpi-a1.cn-hangzhou.personal.cr.aliyuncs.com"),
        ("team-registry-vpc.cn-hangzhou.cr.aliyuncs.com", "team-registry.cn-hangzhou.cr.aliyuncs.com"),
    ],
)
def test_an_acrs_addresses_in_a_vpc_and_outside_are_one_registry(one: str, other: str) -> None:
    assert registry_of(one) == registry_of(other) == other


def test_elsewhere_every_host_is_a_registry_of_its_own() -> None:
    assert registry_of("harbor-vpc.example.com:5000") == "harbor-vpc.example.com:5000"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("uat-1.9.3-a1b2c3d4-20261110T090000", "is no image with a tag or digest; for example"),
        (REPOSITORY, "is no image with a tag or digest"),
        (f"{REPOSITORY}@sha256:1", "is no image with a tag or digest"),
        (f"{REPOSITORY}2:1.0", f"is none of {REPOSITORY}, where Pulumi.uat.yaml takes study from"),
        ("registry.cn-beijing.aliyuncs.com/example/study:1.0", f"is none of {REPOSITORY}"),
    ],
)
def test_what_is_no_image_of_the_services_repository_is_refused(name: str, said: str) -> None:
    with pytest.raises(RolloutError, match=said):
        reference_of(stack("uat"), "study", name)

"""Which image a service is to run in the next stack."""

from __future__ import annotations

import pytest

from parity.promotion import wanted_image
from rollout.wanted import RolloutError, Wanted, refuse_unknown
from tests.rollout.stacks import A, B, Images, NoRegistry, images, stack

NEUTRAL = f'    study: {{ image: {{ tag: "2.0.0", digest: "{A}" }} }}\n'


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
    with pytest.raises(RolloutError, match=r"has no image uat-1\.9\.3-a1b2c3d4-….* Build it with PROFILE=uat"):
        wanted_image(stack("test"), stack("uat"), "study", known)


def test_an_image_that_fits_every_environment_is_taken_over_by_tag_and_digest() -> None:
    found = wanted_image(stack("test", NEUTRAL), stack("uat"), "study", Images(**{A: A}))
    assert found == Wanted("2.0.0", A)


def test_an_image_that_the_targets_registry_does_not_have_is_refused() -> None:
    with pytest.raises(RolloutError, match=f"example/study does not have {A}; push the image there"):
        wanted_image(stack("test", NEUTRAL), stack("uat"), "study", Images())


def test_a_source_without_a_digest_is_refused_and_the_mend_named() -> None:
    with pytest.raises(RolloutError, match=r"study has no digest in Pulumi.test.yaml \(its image is 2.0.0\).*Pin it"):
        wanted_image(stack("test", '    study: { image: { tag: "2.0.0" } }\n'), stack("uat"), "study", NoRegistry())


def test_a_digest_that_is_given_needs_no_registry() -> None:
    assert wanted_image(stack("test"), stack("uat"), "study", NoRegistry(), B) == Wanted(None, B)
    assert wanted_image(stack("test", NEUTRAL), stack("uat"), "study", NoRegistry(), A) == Wanted("2.0.0", A)
    with pytest.raises(RolloutError, match=f"study runs {A} in Pulumi.test.yaml, not {B}"):
        wanted_image(stack("test", NEUTRAL), stack("uat"), "study", NoRegistry(), B)


def test_an_unknown_service_is_named_with_the_nearest_one() -> None:
    with pytest.raises(RolloutError, match=r'studi is no service of Pulumi.test.yaml; did you mean "study"\?'):
        refuse_unknown("studi", stack("test"), stack("uat"))

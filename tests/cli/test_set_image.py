"""`ackp set-image` as a pipeline and a person run it, with a real registry."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import cli.set_image
from cli.app import app
from config import SettingsError, load_stack
from config.image import Image
from tests.docs.documents import Page
from tests.registry.conftest import Pushed, pushed
from tests.registry.registries import PASSWORD, REPOSITORY, USER, docker_config, with_tokens
from tests.rollout.repositories import write_study
from tests.settings import ROOT

__all__ = ["pushed"]

PAGE = Page(ROOT / "docs" / "how-to" / "roll-out-an-image.md")
DIGEST = f"sha256:{'a' * 64}"
NEWEST = "uat-1.9.4-a1b2c3d4-20261112T090000"
TAG = "uat-1.9.3-a1b2c3d4-20261110T090000"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The shipped stacks in a folder of their own."""
    for stack in ("test", "uat"):
        shutil.copy(ROOT / f"Pulumi.{stack}.yaml", tmp_path)
    monkeypatch.setattr(cli.set_image, "ROOT", tmp_path)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path


def run(*arguments: str, service: str = "study", stack: str = "uat") -> Result:
    return CliRunner().invoke(app, ["set-image", service, *arguments, "--stack", stack])


def image_of(folder: Path, stack: str = "uat") -> Image:
    return load_stack(stack, folder, secrets="generated").services["study"].image


def test_g12_the_newest_build_goes_into_the_file_with_its_digest_and_the_page_shows_the_diff(
    folder: Path, pushed: Pushed
) -> None:
    docker_config(folder, pushed.registry.address)
    done = run("--from-registry", "--registry", pushed.registry.address)
    assert done.exit_code == 0, done.output
    assert (image_of(folder).tag, image_of(folder).digest) == (NEWEST, pushed.digests[NEWEST])
    shown = next(block.text for block in PAGE.blocks if "--- Pulumi.uat.yaml" in block.text)
    assert done.output == shown.replace(DIGEST, pushed.digests[NEWEST])
    before = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8").splitlines()
    after = (folder / "Pulumi.uat.yaml").read_text(encoding="utf-8").splitlines()
    assert [new for old, new in zip(before, after, strict=True) if old != new] == [after[-1]]
    again = run("--from-registry", "--registry", pushed.registry.address)
    assert (again.exit_code, again.output) == (0, "study has this image in Pulumi.uat.yaml already\n")
    for word in (USER, PASSWORD):
        assert word not in done.output + again.output


def test_a_tag_is_looked_up_and_pinned_also_where_the_registry_wants_a_token(folder: Path, pushed: Pushed) -> None:
    with with_tokens(pushed.registry) as address:
        docker_config(folder, address)
        done = run("--tag", TAG, "--registry", address)
    assert done.exit_code == 0, done.output
    assert (image_of(folder).tag, image_of(folder).digest) == (TAG, pushed.digests[TAG])


def test_g12_a_moving_tag_is_pinned_by_the_image_that_it_names_now(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    write_study(folder, '{ tag: uat-latest, rollout: "1" }')
    done = run("--tag", "uat-latest", "--registry", pushed.registry.address)
    assert done.exit_code == 0, done.output
    image = image_of(folder)
    assert (image.tag, image.digest, image.rollout) == ("uat-latest", pushed.digests["uat-latest"], None)


def test_the_image_that_was_just_pushed_is_named_as_it_was_pushed(folder: Path, pushed: Pushed) -> None:
    address = pushed.registry.address
    docker_config(folder, address)
    path = folder / "Pulumi.uat.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("registry-vpc.cn-hangzhou.aliyuncs.com/example\n", f"{address}/example\n"), "utf-8")
    done = run(f"{address}/{REPOSITORY}:{TAG}", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["image"] == {"tag": TAG, "digest": pushed.digests[TAG]}
    assert image_of(folder).digest == pushed.digests[TAG]


def test_a_digest_that_is_known_asks_nobody_and_a_dry_run_writes_nothing(folder: Path) -> None:
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    dry = run("--tag", TAG, "--digest", DIGEST, "--dry-run")
    assert (dry.exit_code, dry.output.splitlines()[-1]) == (0, "Pulumi.uat.yaml: not written")
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before
    said = json.loads(run("--digest", DIGEST, "--json").output)
    assert (said["service"], said["image"], said["written"]) == ("study", {"tag": None, "digest": DIGEST}, True)
    assert (image_of(folder).tag, image_of(folder).digest) == (None, DIGEST)


@pytest.mark.parametrize(
    ("arguments", "service", "said"),
    [
        (("--tag", "test-1.9.3-a1b2c3d4-20261101T080000"), "study", "was built for the profile test"),
        (("--tag", "test-latest", "--digest", DIGEST), "study", "was built for the profile test"),
        (("--tag", TAG), "studi", 'did you mean "study"? Nothing was written'),
        (("--tag", TAG, "--registry", "127.0.0.1:1"), "study", "127.0.0.1:1 cannot be reached"),
        (("example.com/other:1",), "study", "example.com/other:1 is none of registry-vpc"),
    ],
)
def test_what_cannot_run_there_is_refused_in_one_line_and_nothing_is_written(
    folder: Path, arguments: tuple[str, ...], service: str, said: str
) -> None:
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    refused = run(*arguments, service=service)
    assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
    assert said in refused.stderr
    assert refused.stderr.endswith(" Nothing was written\n")
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before


@pytest.mark.parametrize(
    "refused",
    [
        "{ tag: test-1.9.3-a1b2c3d4-20261101T080000 }",
        "{ tag: test-latest }",
        "{ tag: 'no tag at all' }",
        '{ tag: uat-1.9.3-a1b2c3d4-20261109T100000, rollout: "1" }',
        "{ tag: uat-1.9.3-a1b2c3d4-20261109T100000, digest: 'sha256:1' }",
        "{}",
        "study:1.9.3",
    ],
)
@pytest.mark.parametrize(
    ("arguments", "after"),
    [
        (("--tag", TAG, "--digest", DIGEST), (TAG, DIGEST)),
        (("--digest", DIGEST), (None, DIGEST)),
    ],
    ids=["tag and digest", "digest"],
)
def test_an_image_for_which_the_file_is_refused_is_mended_by_another(
    folder: Path, refused: str, arguments: tuple[str, ...], after: tuple[str | None, str]
) -> None:
    write_study(folder, refused)
    with pytest.raises(SettingsError):
        image_of(folder)
    before = (folder / "Pulumi.uat.yaml").read_text(encoding="utf-8").splitlines()
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    image = image_of(folder)
    assert (image.tag, image.digest, image.rollout) == (*after, None)
    text = (folder / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    assert text.splitlines()[: len(before) - 1] == before[:-1]
    assert "null" not in text.splitlines()[-1]


def test_the_newest_build_mends_an_image_of_another_profile(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    write_study(folder, "{ tag: test-1.9.3-a1b2c3d4-20261101T080000 }")
    done = run("--from-registry", "--registry", pushed.registry.address)
    assert done.exit_code == 0, done.output
    assert (image_of(folder).tag, image_of(folder).digest) == (NEWEST, pushed.digests[NEWEST])


def test_another_error_of_the_file_is_said_with_that_of_the_image_and_nothing_is_written(folder: Path) -> None:
    write_study(folder, "{ tag: test-latest }, imagePullPolicy: Never")
    before = (folder / "Pulumi.uat.yaml").read_bytes()
    refused = run("--tag", TAG, "--digest", DIGEST)
    assert (refused.exit_code, "Traceback" in refused.output) == (1, False)
    for said in ("services.study.image.tag", "services.study.imagePullPolicy"):
        assert said in refused.stderr
    write_study(folder, "{ tag: test-latest }")
    others = run("--tag", TAG, "--digest", DIGEST, service="gateway")
    assert (others.exit_code, "services.study.image.tag" in others.stderr) == (1, True)
    unknown = run("--tag", TAG, "--digest", DIGEST, service="studi")
    assert (unknown.exit_code, "services.study.image.tag" in unknown.stderr) == (1, True)
    write_study(folder, "{ tag: test-latest }, imagePullPolicy: Never")  # as at first
    assert (folder / "Pulumi.uat.yaml").read_bytes() == before


def test_an_image_that_the_registry_does_not_have_is_refused_with_the_nearest_tag(folder: Path, pushed: Pushed) -> None:
    docker_config(folder, pushed.registry.address)
    refused = run("--tag", "uat-1.9.4-a1b2c3d4-20261112T090001", "--registry", pushed.registry.address)
    assert (refused.exit_code, f'did you mean "{NEWEST}"?' in refused.stderr) == (1, True)
    nothing = run("--from-registry", "--registry", pushed.registry.address, service="gateway")
    repository = "registry-vpc.cn-hangzhou.aliyuncs.com/example/gateway"
    form = "uat-{pom version}-{commit}-{timestamp}"
    said = f"error: {repository} has no image {form}: no tags. Nothing was written\n"
    assert (nothing.exit_code, nothing.stderr) == (1, said)


@pytest.mark.parametrize(
    "arguments",
    [(), ("--tag", TAG, "--from-registry"), ("example.com/a:1", "--digest", DIGEST), ("--digest", "sha256:1")],
)
def test_an_image_that_is_said_in_no_way_or_in_two_is_wrong_usage(folder: Path, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).exit_code == 2
    assert image_of(folder).digest is None


def test_the_help_shows_an_example() -> None:
    assert "Example: ackp set-image" in CliRunner().invoke(app, ["set-image", "--help"]).output

"""The how-to pages: what they tell the reader to type is loaded as it stands."""

import re
from pathlib import Path

import pytest
import yaml

from components.manifests.ingress import PREFIX
from components.manifests.objects import objects_of
from config import CATALOGUE, SettingsError, StackSettings, load_stack
from config.checks import neighbours
from config.image import Image
from config.merge import deep_merge
from config.service import Service
from improvements.items import ITEMS
from improvements.security import FILES_A_SECOND
from tests.config.test_neighbours import with_eips
from tests.docs.documents import Page
from tests.image.build import GUIDE, IMAGE
from tests.manifests.objects import env_of, pod_of
from tests.settings import ROOT

FOLDER = ROOT / "docs" / "how-to"


def blocks(page: str, language: str = "yaml") -> list[str]:
    """The code blocks of a page."""
    return [block.text for block in Page(FOLDER / page).blocks if block.language == language]


def loaded(folder: Path, *, stack: str = "", catalogue: str = "", config: str = "") -> StackSettings:
    """The settings of uat with lines appended to stack and catalogue, and keys of ``config`` laid over."""
    text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8") + stack
    if config:
        values = yaml.safe_load(text)
        values["config"] = deep_merge(values["config"], yaml.safe_load(config))
        text = yaml.safe_dump(values, allow_unicode=True)
    (folder / "Pulumi.uat.yaml").write_text(text, encoding="utf-8")
    (folder / CATALOGUE.name).write_text(CATALOGUE.read_text(encoding="utf-8") + catalogue, encoding="utf-8")
    return load_stack("uat", folder, secrets="generated", catalogue=folder / CATALOGUE.name)


def test_the_canary_takes_its_share_of_the_gateways_host(tmp_path: Path) -> None:
    catalogue, stack = blocks("canary.md")
    settings = loaded(tmp_path, stack=stack, catalogue=catalogue)
    assert settings.host("gateway-canary") == settings.host("gateway")
    annotations = objects_of(settings, "gateway-canary")["ingress"]["metadata"]["annotations"]
    assert annotations[f"{PREFIX}canary-weight"] == "5"


def test_the_legacy_image_is_adopted_with_no_security_settings(tmp_path: Path) -> None:
    settings = loaded(tmp_path, config=blocks("adopt-a-legacy-image.md")[0])
    assert settings.services["study"].security_profile == "legacy"
    assert settings.environment.namespace.pod_security == "baseline"


def test_without_the_lower_level_of_the_namespace_the_legacy_image_is_refused(tmp_path: Path) -> None:
    text = blocks("adopt-a-legacy-image.md")[0].replace("podSecurity: baseline", "podSecurity: restricted")
    with pytest.raises(SettingsError, match="must be restricted where the namespace enforces"):
        loaded(tmp_path, config=text)


def test_the_patch_of_the_page_makes_what_its_comments_say(tmp_path: Path) -> None:
    [block] = blocks("patch-a-service.md")
    patched = loaded(tmp_path, config=block)
    objects = objects_of(patched, "file")
    assert "env" not in objects["deployment"]["metadata"]["labels"]
    assert pod_of(objects)["hostAliases"] == [{"ip": "10.0.0.9", "hostnames": ["nacos.example.internal"]}]
    assert env_of(objects)["LANG"] == "zh_CN.UTF-8"
    assert "SERVER_SHUTDOWN" not in env_of(objects)
    assert "SERVER_SHUTDOWN" in env_of(objects_of(loaded(tmp_path), "file"))
    assert objects["service-account"]["imagePullSecrets"] == [{"name": "old-registry"}]
    assert patched.patched_fields == {"file": 5}


def test_the_page_of_improvements_has_every_item_in_its_order_and_the_rate() -> None:
    page = Page(FOLDER / "improve-an-adopted-service.md")
    named = [name for cells in page.tables[0][1:] for name in re.findall(r"`([a-z-]+)`", cells[0])]
    assert named == [item.name for item in ITEMS]
    assert f"{FILES_A_SECOND} files a second" in page.text


def test_log_retention_is_switched_on_by_the_lines_of_its_page(tmp_path: Path) -> None:
    assert loaded(tmp_path).log_retention.dry_run  # type: ignore[union-attr] # uat has it
    retention = loaded(tmp_path, config=blocks("remove-old-logs.md")[0]).log_retention
    assert retention is not None
    assert (retention.suspend, retention.dry_run) == (False, False)


def test_log_retention_has_the_ages_that_its_page_says(tmp_path: Path) -> None:
    retention = loaded(tmp_path).log_retention
    assert retention is not None
    text = Page(FOLDER / "remove-old-logs.md").text
    for key, value in (("logsDays", retention.logs_days), ("dumpsDays", retention.dumps_days)):
        assert f"`{key}` ({value})" in text
    assert f"`keepDumps` ({retention.keep_dumps})" in text


def test_every_image_of_the_roll_out_page_is_one() -> None:
    shown = [word for word in Page(FOLDER / "roll-out-an-image.md").code if "image: {" in word]
    assert len(shown) == 4
    for word in shown:
        values = yaml.safe_load(word.replace("sha256:…", "sha256:" + "1" * 64))["image"]
        image = Image.model_validate(values)
        assert image.moves == (image.tag == "uat-latest")


def test_the_error_page_shows_a_report_as_it_is(tmp_path: Path) -> None:
    text = (ROOT / "Pulumi.uat.yaml").read_text(encoding="utf-8")
    changed = text.replace("    oauth2:\n", "    oauth2:\n      replica: 3\n")
    assert changed != text
    (tmp_path / "Pulumi.uat.yaml").write_text(changed, encoding="utf-8")
    with pytest.raises(SettingsError) as raised:
        load_stack("uat", tmp_path)
    report = str(raised.value)
    for line in blocks("read-a-settings-error.md", "text")[0].splitlines():
        assert line in report, f"{line}\n\n{report}"


def test_the_page_of_quotas_shows_the_reports_as_they_are(tmp_path: Path) -> None:
    too_many, granted = blocks("quotas-of-the-account.md")
    alone, together = (block.split("  ack-platform:")[1] for block in blocks("quotas-of-the-account.md", "text"))
    with pytest.raises(SettingsError) as raised:
        loaded(tmp_path, config=too_many)
    assert alone in str(raised.value)
    quotas = loaded(tmp_path, config=f"{too_many}\n{granted}\nack-platform:environment: {{quota: null}}")
    assert (quotas.cluster.quotas.eips, quotas.alb.quotas.rules, quotas.alb.quotas.certificates) == (60, 200, 100)
    ((stack, found),) = neighbours.check([with_eips("test", 15), with_eips("uat", 5)])
    assert stack == "uat"
    assert together in str(found)


def test_the_defaults_in_the_table_of_a_new_service_are_the_models() -> None:
    service = Service.model_validate({"image": {"tag": "uat-1.0.0-5e6f7a8b-20261120T090000"}})
    text = Page(FOLDER / "add-a-service.md").text
    assert f"| {service.resources.limits.memory}, heap {service.jvm.heap_percent} % |" in text
    assert f"| {service.replicas}, or what `serviceDefaults` says |" in text
    assert re.search(r"the port is probed", text)
    assert service.probes.type == "tcp"


def test_g21_the_page_of_the_image_shows_the_guides_command() -> None:
    assert blocks("build-an-image.md", "sh")[0] == GUIDE + "\n"


def test_the_page_of_the_image_has_every_argument_of_the_dockerfile() -> None:
    stated = set(re.findall(r"^ARG (\w+)", (IMAGE / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE))
    table = Page(FOLDER / "build-an-image.md").tables[0]
    assert {name for cells in table for name in re.findall(r"`([A-Z_]+)`", cells[0])} == stated


def test_g22_every_exit_code_of_the_start_script_stands_on_its_page_and_at_its_top() -> None:
    script = (IMAGE / "start.sh").read_text(encoding="utf-8")
    codes = set(re.findall(r"\bfail (\d+)", script))
    top = script.partition("\nset -eu\n")[0]
    assert set(re.findall(r" (\d\d)  [a-zDj]", top)) == codes
    page = Page(FOLDER / "build-an-image.md").section("Exit codes")
    javas = {"1", "3", "137", "143"}
    assert set(re.findall(r"^\| (\d+) \|", page, re.MULTILINE)) == codes | javas

"""What was adopted, ejected, and kept by kubectl for a while, is adopted again as it is."""

from __future__ import annotations

from pathlib import Path

import yaml

from adopt.adoption import take_over
from components.manifests.metadata import FIELD_MANAGER
from config import CATALOGUE
from eject.deployment import read
from eject.folder import write
from tests.adopt.adopted import Place, apart
from tests.adopt.guide_cluster import GuideCluster
from tests.eject.state import exported_objects


def test_d4_what_was_ejected_and_applied_by_kubectl_is_adopted_again_with_the_same_settings(
    guide: GuideCluster, kubeconfig: Path, tmp_path: Path
) -> None:
    place = Place.make(guide, kubeconfig, tmp_path, "leaving")
    first, files = place.adopt()
    files.write()
    take_over(first, place.connection)
    guide.settle("leaving")
    before, pods, settings = [apart(place.live(each)) for each in first.taken], place.pods(), place.settings()

    left = read("leaving", exported_objects("leaving", [each.stated for each in first.taken]))
    write(tmp_path / "ejected", left, backup=None)
    written = [yaml.safe_load(each.read_text(encoding="utf-8")) for each in (tmp_path / "ejected").glob("objects/*")]
    assert len(written) == len(first.taken)
    for each in written:
        applied = guide.api.apply(each, FIELD_MANAGER)
        assert not [name for name in applied["metadata"].get("annotations") or {} if name.startswith("pulumi.com/")]
    assert [apart(place.live(each)) for each in first.taken] == before

    for path in (place.root / "Pulumi.leaving.yaml", place.catalogue):
        path.unlink()
    place.catalogue.write_text(CATALOGUE.read_text(encoding="utf-8"), encoding="utf-8")
    again, files = place.adopt()
    assert again.open == ()
    files.write()
    assert place.settings() == settings
    take_over(again, place.connection)
    assert [apart(place.live(each)) for each in first.taken] == before
    assert place.pods() == pods

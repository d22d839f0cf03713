"""A take-over that is killed: after whichever write, nothing but owners has changed, and running again completes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from adopt.adoption import take_over
from adopt.connection import Connection
from adopt.controllers import CONTROLLERS
from components.manifests.metadata import FIELD_MANAGER
from tests.adopt.adopted import Place, apart, managers
from tests.adopt.guide_cluster import GuideCluster
from tests.cluster.api import Object


class _KilledError(BaseException):
    """The process is gone: nothing of it runs on."""


class _Killed(Connection):
    """Its process is killed once the server has done a number of writes, before the answer to the last one is read."""

    def __init__(self, kubeconfig: Path, writes: int) -> None:
        super().__init__(kubeconfig)
        self.left = writes

    def patch(
        self, path: str, body: Object | list[Object], form: str, query: Mapping[str, str] | None = None
    ) -> Object:
        answer = super().patch(path, body, form, query)
        if "dryRun" not in (query or {}):
            self.left -= 1
            if self.left == 0:
                raise _KilledError
        return answer


def test_after_a_kill_at_any_write_nothing_but_owners_has_changed_and_another_run_completes_it(
    guide: GuideCluster, kubeconfig: Path, tmp_path: Path
) -> None:
    place = Place.make(guide, kubeconfig, tmp_path, "torn")
    adoption, files = place.adopt()
    files.write()
    before, pods = [apart(place.live(each)) for each in adoption.taken], place.pods()
    kills = 0
    for writes in (1, 2, 3) * 30:  # in the middle of an object, between two, after some
        again, _ = place.adopt()
        assert [each.stated for each in again.taken] == [each.stated for each in adoption.taken]
        try:
            take_over(again, _Killed(kubeconfig, writes))
        except _KilledError:
            kills += 1
        else:
            break
        assert [apart(place.live(each)) for each in adoption.taken] == before
        assert place.pods() == pods
    else:
        pytest.fail("it never ends")
    assert kills > len(adoption.taken) // 2
    for each in adoption.taken:
        owners = {name for name, _ in managers(place.live(each))}
        assert FIELD_MANAGER in owners
        assert owners <= {FIELD_MANAGER, *CONTROLLERS}, "what people and their tools owned"
    assert place.adopt()[1].texts == {}

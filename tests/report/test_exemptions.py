"""What the stack file lets pass for a while is in the report, as it was previewed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cost.prices import read_prices
from report.exemptions import Exemption, exemptions
from report.markdown import markdown
from report.preview import read_preview
from report.report import report
from tests.report.cases import Scene
from tests.settings import ROOT

UNTIL = f"{datetime.now(UTC).date() + timedelta(days=30)}"
EDITS = {
    "allowReplace": [{"resource": "nas-volume-claim", "reason": "the volume moves to another NAS", "until": UNTIL}],
    "waivers": [
        {"rule": "two-replicas", "service": "file", "reason": "its library holds a lock", "until": UNTIL},
        {"rule": "quota", "reason": "nobody knows the load yet", "until": UNTIL},
    ],
    "alb.allowListenerRemoval": ["HTTPS/8000"],
}


def test_waivers_and_what_may_go_stand_in_the_report_with_reason_and_last_day(scene: Scene, tmp_path: Path) -> None:
    copy = scene.copy(tmp_path)
    copy.project.edit(EDITS)
    text = copy.preview()
    copy.project.edit({"waivers": []})  # what the checkout says by now is not what was previewed
    found = report(read_preview(text, "preview.json", "uat"), read_prices())
    lines = [
        f"allowReplace: nas-volume-claim, until {UNTIL}: the volume moves to another NAS",
        f"waivers: two-replicas for file, until {UNTIL}: its library holds a lock",
        f"waivers: quota, until {UNTIL}: nobody knows the load yet",
        "alb.allowListenerRemoval: HTTPS/8000",
    ]
    assert [str(each) for each in found.exemptions] == lines
    shown = markdown(found).splitlines()
    assert [line.removeprefix("- in force: ") for line in shown if line.startswith("- in force: ")] == lines
    assert found.json["exemptions"][1] == {
        "key": "waivers",
        "what": "two-replicas for file",
        "reason": "its library holds a lock",
        "until": UNTIL,
    }
    assert found.exit_code == 0


def test_a_stack_without_them_and_one_whose_alb_is_given_have_none() -> None:
    assert exemptions({}) == ()
    given = json.dumps({"ownership": "givenByIngressClass", "ingressClass": "alb", "listeners": []})
    assert exemptions({"ack-platform:alb": given}) == ()


def test_the_page_shows_such_a_line() -> None:
    page = (ROOT / "docs" / "how-to" / "read-a-report.md").read_text(encoding="utf-8")
    assert (
        f"`in force: {Exemption('waivers', 'two-replicas for file', 'its library holds a lock', '2027-01-31')}`" in page
    )

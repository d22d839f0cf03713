"""Protected resources that may go for a while: they are there, and their day has not passed."""

from datetime import date, timedelta

import pytest

from config import CATALOGUE, SettingsError, StackSettings, load
from config.files import read_yaml
from config.protection import protected_resources
from tests.config.refusal import Refusal, refusals
from tests.program.identity import GOLDEN
from tests.program.stacks import FOLDERS, shipped
from tests.settings import source

TODAY = date(2026, 12, 1)
SOON = (date.today() + timedelta(days=14)).isoformat()  # noqa: DTZ011 -- the calendar that `load` reads


def entry(resource: str = "nas-volume-claim", until: str = SOON, reason: str = "moves to the new zone") -> object:
    """One entry of allowReplace."""
    return {"resource": resource, "reason": reason, "until": until}


def on(today: date, until: str) -> StackSettings:
    """The settings of test with an entry until a day, loaded on another."""
    return load(
        source("test", {"allowReplace": [entry(until=until)]}), read_yaml(CATALOGUE), secrets="generated", today=today
    )


@refusals(
    Refusal(
        "a name that is almost one",
        {"allowReplace": [entry("nas-volume-clam")]},
        "allowReplace[0].resource",
        "nas-volume-clam",
        "must name a protected resource",
        'did you mean "nas-volume-claim"?',
    ),
    Refusal(
        "what this stack does not own",
        {"allowReplace": [entry("nas-file-system")]},
        "allowReplace[0].resource",
        "nas-file-system",
        "must name a protected resource of this stack",
        "take the entry out",
        stack="uat",
    ),
    Refusal(
        "one resource twice",
        {"allowReplace": [entry(), entry()]},
        "allowReplace[1].resource",
        "nas-volume-claim",
        "must not be named twice",
    ),
    Refusal(
        "a reason that says nothing",
        {"allowReplace": [entry(reason="because")]},
        "allowReplace[0].reason",
        "because",
        "at least 15 characters",
    ),
    Refusal(
        "a day that is on no calendar",
        {"allowReplace": [entry(until="2027-02-30")]},
        "allowReplace[0].until",
        "2027-02-30",
        "must be a day as YYYY-MM-DD",
    ),
    Refusal(
        "a day in another form",
        {"allowReplace": [entry(until="20270228")]},
        "allowReplace[0].until",
        "20270228",
        "must be a day as YYYY-MM-DD",
    ),
)
def test_refused(refusal: Refusal) -> None:
    refusal.check()


def test_an_entry_holds_on_its_last_day_and_no_longer() -> None:
    assert not on(TODAY, "2026-12-01").protects("nas-volume-claim")
    with pytest.raises(SettingsError) as raised:
        on(TODAY, "2026-11-30")
    [problem] = raised.value.problems
    assert problem.rule == "must not have passed: today is 2026-12-01"
    assert problem.mend == "take the entry out, or, if it must hold on, state a later day"


def test_an_entry_for_longer_than_a_year_is_a_setting() -> None:
    on(TODAY, "2027-12-02")
    with pytest.raises(SettingsError, match="within a year"):
        on(TODAY, "2027-12-03")


def test_an_entry_lifts_the_protection_of_what_it_names_and_of_nothing_else() -> None:
    settings = on(TODAY, "2026-12-01")
    assert [name for name in protected_resources(settings) if not settings.protects(name)] == ["nas-volume-claim"]


@pytest.mark.parametrize("stack", FOLDERS)
def test_what_can_be_named_is_what_the_program_protects(stack: str) -> None:
    golden = (GOLDEN / f"{stack}.txt").read_text(encoding="utf-8").splitlines()
    protected = {line.split()[1] for line in golden if "protect" in line.split()}
    assert set(protected_resources(shipped(stack))) == protected


def waiver(**changes: object) -> object:
    """One entry of waivers."""
    return {
        "rule": "image-digest",
        "service": "gateway",
        "reason": "moves to the new registry",
        "until": SOON,
        **changes,
    }


@refusals(
    Refusal(
        "a rule that is almost one",
        {"waivers": [waiver(rule="image-digests")]},
        "waivers[0].rule",
        "image-digests",
        "must be one of",
        'did you mean "image-digest"?',
    ),
    Refusal(
        "a service that is not there",
        {"waivers": [waiver(service="gatewy")]},
        "waivers[0].service",
        "gatewy",
        "must be a service of this stack",
        'did you mean "gateway"?',
    ),
    Refusal(
        "one thing twice",
        {"waivers": [waiver(), waiver()]},
        "waivers[1].rule",
        "image-digest",
        "must not be waived twice",
    ),
    Refusal(
        "a day that has passed",
        {"waivers": [waiver(until="2026-01-31")]},
        "waivers[0].until",
        "2026-01-31",
        "must not have passed",
    ),
)
def test_a_waiver_is_refused(refusal: Refusal) -> None:
    refusal.check()

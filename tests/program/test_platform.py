"""`__main__.py` for every shipped stack: identities, options and outputs, as `pulumi up` and as `pulumi preview`."""

import ast
import importlib
import inspect
import json
import pkgutil
import re
from typing import Any

import pulumi
import pytest
import yaml
from jsonschema import Draft202012Validator

import components
from components.manifests.cloud import cloud_resources
from contract import PlatformOutputs
from contract.schema import FILE
from tests.program.identity import GOLDEN, STACK, inventory
from tests.program.stacks import FOLDERS, record, shipped
from tests.recorder import UNKNOWN, Registered
from tests.settings import ROOT

TOKEN = "ack-platform:index:"

stacks = pytest.mark.parametrize("stack", FOLDERS)
modes = pytest.mark.parametrize("preview", [False, True], ids=["update", "preview"])


def objects(stack: str) -> list[Registered]:
    """The Kubernetes objects that the stack creates; a Helm release is none."""
    found = [each for each in record(stack).resources if each.type.startswith("kubernetes:") and each.read_id is None]
    return [each for each in found if not each.type.endswith(":Release")]


@stacks
@modes
def test_identities_and_options_are_the_reviewed_ones(stack: str, *, preview: bool) -> None:
    assert inventory(record(stack, preview=preview)) == (GOLDEN / f"{stack}.txt").read_text(encoding="utf-8")


@stacks
def test_every_service_and_every_component_of_the_house_is_there(stack: str) -> None:
    made = [each for each in record(stack).resources if each.type.startswith(TOKEN)]
    assert {each.type.removeprefix(TOKEN) for each in made} == {each.__name__ for each in component_classes()}
    services = {each.name for each in made if each.type == f"{TOKEN}SpringService"}
    assert services == set(shipped(stack).services)
    assert len(services) == 7


@stacks
def test_logical_names_are_plain_and_begin_with_their_component(stack: str) -> None:
    for each in record(stack).resources:
        assert re.fullmatch(r"[a-z0-9-]+", each.name), each.urn
        if not each.parent.startswith(STACK):
            assert each.name.startswith(f"{each.parent}-"), each.urn


@stacks
@modes
def test_nothing_has_an_orphaned_parent(stack: str, *, preview: bool) -> None:
    recording = record(stack, preview=preview)
    made = {each.name for each in recording.resources if each.type.startswith(TOKEN)}
    for each in recording.resources:
        if each.type.startswith((TOKEN, "pulumi:providers:")):
            assert each.parent.startswith(STACK), each.urn
        else:
            assert each.parent in made, each.urn


@stacks
@modes
def test_nothing_uses_a_default_provider(stack: str, *, preview: bool) -> None:
    recording = record(stack, preview=preview)
    for each in recording.resources:
        if each.custom and not each.type.startswith("pulumi:providers:"):
            assert each.provider == each.type.split(":", 1)[0], each.urn
    for call in recording.calls:
        assert call.provider, call.token
    file = FOLDERS[stack] / f"Pulumi.{stack}.yaml"
    assert yaml.safe_load(file.read_text(encoding="utf-8"))["config"]["pulumi:disable-default-providers"] == ["*"]


@stacks
def test_there_is_one_provider_for_each_side_of_the_stack(stack: str) -> None:
    providers = {each.name: each for each in record(stack).resources if each.type.startswith("pulumi:providers:")}
    assert set(providers) == {"alicloud", "kubernetes"}
    assert providers["kubernetes"].inputs["clusterIdentifier"] == shipped(stack).cluster.id
    assert providers["alicloud"].inputs == {"region": shipped(stack).cluster.region}


@stacks
@modes
def test_every_kubernetes_object_is_named_and_has_the_field_manager(stack: str, *, preview: bool) -> None:
    assert objects(stack)
    for each in objects(stack):
        metadata = record(stack, preview=preview)[each.name].inputs["metadata"]
        assert metadata["name"], each.urn
        assert metadata["annotations"]["pulumi.com/patchFieldManager"] == "ack-platform", each.urn


@stacks
def test_namespaced_objects_are_in_the_stacks_namespace(stack: str) -> None:
    for each in objects(stack):
        assert each.inputs["metadata"].get("namespace", shipped(stack).namespace) == shipped(stack).namespace, each.urn


@stacks
def test_what_holds_data_or_what_others_share_is_protected(stack: str) -> None:
    kinds = {"PersistentVolume", "PersistentVolumeClaim", "FileSystem", "AccessGroup", "MountTarget", "LoadBalancer"}
    kinds |= {"AlbConfig", "IngressClass", "Namespace", "ResourceQuota", "KubernetesAddon", "Release"}
    for each in record(stack).resources:
        if each.read_id is None and each.type.rsplit(":", 1)[-1] in kinds:
            assert each.protect, each.urn
    data = {"PersistentVolume", "PersistentVolumeClaim", "FileSystem", "AccessGroup", "MountTarget"}
    for each in record(stack).resources:
        if each.read_id is None and each.type.rsplit(":", 1)[-1] in data:
            assert each.retain_on_delete, each.urn


@stacks
def test_what_is_judged_and_priced_of_the_cloud_is_what_the_program_registers(stack: str) -> None:
    judged = list(cloud_resources(shipped(stack)))
    registered = [
        {"kind": kind, **each.inputs}
        for each in record(stack).resources
        if each.read_id is None
        and (kind := each.type.rpartition(":")[2]) in {"LoadBalancer", "FileSystem", "AccessRule"}
    ]
    stated = [{key: value for key, value in each.items() if value is not None} for each in judged]
    assert sorted(stated, key=str) == sorted(registered, key=str)
    assert bool(stated) == (stack == "test")


@stacks
def test_each_asked_for_order_has_its_reason(stack: str) -> None:
    asked = {each.type.rsplit(":", 1)[-1]: each.depends_on for each in record(stack).resources if each.depends_on}
    reasons = {
        "AlbConfig": "the add-on brings the resource definition",
        "MountTarget": "a client that mounts before its access rule is turned away",
    }
    assert set(asked) <= set(reasons)


def test_an_ingress_whose_patch_names_the_service_in_plain_still_comes_after_it() -> None:
    changes = (("services.gateway.patch.ingress.spec.rules", [{"host": "a.example.com"}]),)
    patched = record.__wrapped__("uat", changes=changes)  # a list is no key of its cache
    assert patched["gateway-ingress"].inputs["spec"]["rules"] == [{"host": "a.example.com"}]
    assert patched["gateway-ingress"].depends_on == ("gateway-service",)


@stacks
@modes
def test_components_register_exactly_their_public_attributes(
    monkeypatch: pytest.MonkeyPatch, stack: str, *, preview: bool
) -> None:
    registered: dict[str, list[set[str]]] = {}

    def keep(self: pulumi.ComponentResource, outputs: dict[str, Any]) -> None:
        registered.setdefault(type(self).__name__, []).append(set(outputs))

    monkeypatch.setattr(pulumi.ComponentResource, "register_outputs", keep)
    record.__wrapped__(stack, preview=preview)
    for component in component_classes():
        attributes = set(inspect.get_annotations(component))
        made = 7 if component.__name__ == "SpringService" else 1
        assert registered[component.__name__] == [attributes] * made, component


@stacks
def test_the_exports_are_the_contracts_fields_and_valid(stack: str) -> None:
    exports = record(stack).result
    assert set(exports) == set(json.loads(FILE.read_text(encoding="utf-8"))["properties"].keys())
    Draft202012Validator(json.loads(FILE.read_text(encoding="utf-8"))).validate(exports)
    assert PlatformOutputs.model_validate(exports).model_dump(by_alias=True) == exports


@stacks
def test_a_preview_exports_the_same_fields_and_knows_what_settings_tell(stack: str) -> None:
    update, preview = record(stack).result, record(stack, preview=True).result
    assert set(preview) == set(update)
    assert {key for key in preview if preview[key] is not UNKNOWN} >= {"schemaVersion", "environment", "services"}
    assert preview["services"] == update["services"]


@stacks
def test_no_export_holds_a_secret(stack: str) -> None:
    assert "canary" not in repr(record(stack).result)
    assert "Secret(" not in repr(record(stack).result)


def test_the_entry_point_is_one_page_without_branches() -> None:
    text = (ROOT / "__main__.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 60
    branches = (ast.If, ast.IfExp, ast.For, ast.While, ast.Try, ast.Match, ast.BoolOp, ast.FunctionDef, ast.Lambda)
    for node in ast.walk(ast.parse(text)):
        assert not isinstance(node, branches), ast.unparse(node)
        assert not (isinstance(node, ast.comprehension) and node.ifs), ast.unparse(node)


def component_classes() -> list[type[pulumi.ComponentResource]]:
    """Every component of the house."""
    names = [module.name for module in pkgutil.iter_modules(components.__path__) if not module.ispkg]
    modules = [importlib.import_module(f"components.{name}") for name in names]
    members = [(module, each) for module in modules for _, each in inspect.getmembers(module, inspect.isclass)]
    found = [each for module, each in members if each.__module__ == module.__name__]
    return sorted(
        (each for each in found if issubclass(each, pulumi.ComponentResource)), key=lambda each: each.__name__
    )

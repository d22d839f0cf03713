"""The words of a stack file, quantities, paths and the merge."""

from fractions import Fraction
from functools import cache
from typing import Annotated, Any, get_args, get_origin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from config import quantity, scalars
from config.files import parse_path, show_path
from config.merge import deep_merge, has
from config.text import Text

ALL = {
    name: next(each for each in get_args(value) if isinstance(each, Text))
    for name, value in vars(scalars).items()
    if get_origin(value) is Annotated and any(isinstance(each, Text) for each in get_args(value))
}


@cache
def adapter(name: str) -> TypeAdapter[Any]:
    """What validates a scalar as a model's field does."""
    return TypeAdapter(getattr(scalars, name))


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_example_in_a_message_is_a_value_that_is_accepted(name: str) -> None:
    text = ALL[name]
    if text.example.startswith("'"):
        return
    assert text.allows(text.example.strip('"')), text.example


@pytest.mark.parametrize("name", sorted(ALL))
def test_every_message_completes_must_be(name: str) -> None:
    with pytest.raises(ValidationError, match=r"must be .*; for example "):
        adapter(name).validate_python("\n")


REFUSED = {
    "DnsLabel": ["Orders", "a_b", "-a", "a-", "a" * 64, "", "naïve", "a.b"],
    "ObjectName": ["aliyun-x", "A"],
    "LiveName": ["A", "a_b", "a..b", ".a", "a-", "a" * 254, ""],
    "NamespaceName": ["default", "kube-system", "kube-x", "aliyun-x", "Uat"],
    "EnvironmentName": ["1uat", "UAT", "u_at", "a" * 21],
    "ClusterId": ["c123", "d" * 33, "C" + "0" * 32],
    "RegionId": ["China", "cn_hangzhou", "cn"],
    "VSwitchId": ["vsw_1", "vpc-1", "vsw-A"],
    "AlbId": ["lb-1", "alb", "alb-UPPER"],
    "CertificateId": ["12345678", "12345678-cn-beijing", "x_y-cn-hangzhou"],
    "Cidr": ["10.0.0.1/20", "10.0.0.0", "10.0.0.0/33", "300.0.0.0/8", "::/0"],
    "Host": ["https://a.example.com", "a.example.com:443", "A.example.com", "a.example.com.", "a.*.com", "10.0.0.1"],
    "HostPort": ["nacos", "http://nacos:8848", "nacos:8848/nacos", "nacos:123456"],
    "KubernetesVersion": ["1.27", "1.37", "1", "v1.30", "2.30"],
    "CpuQuantity": ["500", "1,5", "-1", "", "1Gi", "0", "1000"],
    "MemoryQuantity": ["12Zi", "512MB", "1,5", "-1Gi", "", "512m", "2G", "2048"],
    "StorageQuantity": ["100", "100G", "0Gi", "1.5Ti"],
    "AnyQuantity": ["12Zi", "512MB", "-1", ""],
    "ImageRepository": ["Registry/x", "a b", "a/x:1", "http://a/x", "/a"],
    "ImageReference": ["a/x", "a/x:latest", "a/x@sha256:12", "A/x:1", "a/x :1"],
    "ImageTag": ["", "a b", "-a", "a/b", "a" * 129],
    "ImageDigest": ["sha256:12", "0" * 64, "sha256:" + "G" * 64],
    "CronSchedule": ["* * * *", "* * * * * *", "60 * * * *", "TZ=UTC * * * * *", "5-1 * * * *", "*/0 * * * *", "@day"],
    "TimeZone": ["Beijing", "UTC+8", "", "../etc/passwd"],
    "EnvName": ["1A", "A-B", "A.B", ""],
    "AbsolutePath": ["app", "/", "/a/", "/a/../b", "/a//b", "/a:b", "/./a"],
    "SubPath": ["/a", "a/../b", "a//b", "..", "a/", "."],
    "DataDirPattern": ["/product/{environment}", "/product/{service}", "product/{environment}/{service}",
                       "/p/{environment}/{service}/{x}", "/p/{environment}/../{service}"],
    "UrlPath": ["api", "/a b", "/a?x=1", "/a#b", ""],
    "LabelValue": ["-a", "a b", "a" * 64, "ä"],
    "PortName": ["-http", "a_b", "Http", "a" * 64],
    "LogStoreName": ["nginx", "alb-uat", "ALB_uat"],
    "NasPath": ["a", "/a/", "/../a", "/a/.."],
    "FileMode": ["777x", "0888", "77", "2777"],
    "MountTargetDomain": ["a.b.com:/x", "a.b.com/x", "nas", "A.b.com"],
    "ReleaseStrategy": ["follow", "0m", "10"],
    "JarFile": ["app", "a/b.jar", ".jar"],
    "SecretKeyReference": ["password", "Db/password", "db/", "/x"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in REFUSED.items() for value in values])
def test_a_value_of_the_wrong_form_is_refused(name: str, value: str) -> None:
    assert not ALL[name].allows(value)


@given(st.text(alphabet=st.characters(), max_size=80), st.sampled_from(sorted(ALL)))
def test_any_text_is_accepted_or_refused_with_the_rule_and_nothing_else(value: str, name: str) -> None:
    if ALL[name].allows(value):
        assert adapter(name).validate_python(value) == value
        return
    with pytest.raises(ValidationError) as raised:
        adapter(name).validate_python(value)
    assert [each["type"] for each in raised.value.errors()] == ["text"]


@given(st.text(max_size=300))
def test_a_label_that_is_accepted_is_one_that_kubernetes_accepts(value: str) -> None:
    if ALL["DnsLabel"].allows(value):
        assert 0 < len(value) <= 63
        assert set(value) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert value[0] != "-" != value[-1]


@given(st.integers(0, 10**9), st.sampled_from(["", "m", "k", "M", "G", "T", "Ki", "Mi", "Gi", "Ti"]))
def test_quantities_are_exact(number: int, suffix: str) -> None:
    one = quantity.parse(f"1{suffix}")
    assert quantity.parse(f"{number}{suffix}") == number * one


@given(st.integers(1, 10**6))
def test_a_shown_quantity_means_the_same(number: int) -> None:
    assert quantity.parse(quantity.show_memory(Fraction(number * quantity.MI))) == number * quantity.MI
    assert quantity.parse(quantity.show_cpu(Fraction(number, 1000))) == Fraction(number, 1000)


@pytest.mark.parametrize("text", ["", "1e3", "-1", "1Zi", "1 Gi", "Gi", "1.Gi"])
def test_what_is_no_quantity_is_said_to_be_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a Kubernetes quantity"):
        quantity.parse(text)


KEYS = st.text(max_size=8)


@given(st.lists(KEYS, max_size=2), st.lists(KEYS | st.integers(0, 99), max_size=4))
def test_a_shown_path_is_read_back_as_it_was(first: list[str], rest: list[str | int]) -> None:
    path = (*first, *rest) if first else ()
    assert parse_path(show_path(path)) == path or path == ()


VALUES = st.recursive(
    st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
MAPPINGS = st.dictionaries(st.sampled_from("abcd"), VALUES, max_size=4)


@given(MAPPINGS)
def test_a_merge_with_nothing_changes_nothing(values: dict[str, object]) -> None:
    assert deep_merge(values, {}) == values
    assert deep_merge({}, values) == values
    assert deep_merge(values, values) == values


@given(MAPPINGS, MAPPINGS)
def test_what_the_later_layer_states_holds_and_the_rest_stays(
    under: dict[str, object], over: dict[str, object]
) -> None:
    merged = deep_merge(under, over)
    assert set(merged) == {*under, *over}
    for key, value in merged.items():
        if key not in over:
            assert value == under[key]
        elif not isinstance(over[key], dict) or not isinstance(under.get(key), dict):
            assert value == over[key]


def test_mappings_merge_lists_are_replaced_and_null_removes() -> None:
    under = {"a": {"x": 1, "y": 2}, "list": [1, 2], "gone": {"z": 1}}
    over = {"a": {"y": 3}, "list": [9], "gone": None}
    assert deep_merge(under, over) == {"a": {"x": 1, "y": 3}, "list": [9], "gone": None}
    assert under == {"a": {"x": 1, "y": 2}, "list": [1, 2], "gone": {"z": 1}}


def test_a_null_that_removes_stands_at_its_path() -> None:
    values = {"a": {"b": None, "list": [{"c": 1}]}}
    assert has(values, ("a", "b"))
    assert has(values, ("a", "list", 0, "c"))
    assert not has(values, ("a", "list", 1))
    assert not has(values, ("a", "b", "c"))

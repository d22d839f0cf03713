"""One environment name: nothing in a stack names another one, and nothing is said twice."""

import time
from contextlib import suppress

import pytest

from config import SettingsError
from tests.config.changes import load_changed, problems_of
from tests.config.refusal import Refusal, refusals

SECRET = "hunter2-Canary-9f8e7d"


@refusals(
    Refusal(
        "the environment name of another stack",
        {"environment.name": "uat"},
        "environment.name",
        "uat",
        'must be the environment of the stack "test"',
        "name: test",
        beside=tuple(
            f"services.{name}.image.tag" for name in ("admin", "exam", "file", "gateway", "oauth2", "resource", "study")
        ),
    ),
    Refusal(
        "DATA_DIR of another environment",
        {"services.file.dataDir": "/product/uat/file"},
        "services.file.dataDir",
        "/product/uat/file",
        "must have a part test",
        "for example /product/test/file",
    ),
    Refusal(
        "an argument that names another profile",
        {"services.file.programParams": ["--spring.profiles.active=uat"]},
        "services.file.programParams[0]",
        "--spring.profiles.active=uat",
        'environment.springProfile, which gives "test"',
        "change environment.springProfile",
    ),
    Refusal(
        "a system property that names another port",
        {"services.file.systemOptions": ["-Dserver.port=8080"]},
        "services.file.systemOptions[0]",
        "-Dserver.port=8080",
        'services.file.port, which gives "80"',
        "change services.file.port",
    ),
    Refusal(
        "a system property that names another Nacos in relaxed spelling",
        {"services.file.systemOptions": ["-Dspring.cloud.nacos.discovery.serverAddr=other:8848"]},
        "services.file.systemOptions[0]",
        "-Dspring.cloud.nacos.discovery.serverAddr=other:8848",
        "nacos.address",
        "change nacos.address",
    ),
    Refusal(
        "an argument that names another Nacos namespace",
        {"services.file.programParams": ["--spring.cloud.nacos.discovery.namespace=uat"]},
        "services.file.programParams[0]",
        "--spring.cloud.nacos.discovery.namespace=uat",
        'nacos.namespaceId, which gives "test"',
        "nacos.namespaceId",
    ),
    Refusal(
        "a variable that names another Nacos for configuration",
        {"services.file.env": {"SPRING_CLOUD_NACOS_CONFIG_SERVER_ADDR": "other:8848"}},
        "services.file.env.SPRING_CLOUD_NACOS_CONFIG_SERVER_ADDR",
        "other:8848",
        "nacos.address",
        "change nacos.address",
    ),
    Refusal(
        "two options with different values for one property",
        {"services.file.systemOptions": ["-Dfoo.bar=1"], "services.file.programParams": ["--foo.bar=2"]},
        "services.file.programParams[0]",
        "--foo.bar=2",
        "services.file.systemOptions[0]: -Dfoo.bar=1",
        "keep one",
    ),
    Refusal(
        "-Xmx beside the heap share",
        {"services.file.jvm.options": ["-Xmx1g"]},
        "services.file.jvm.options[0]",
        "-Xmx1g",
        mend="use services.file.jvm.heapPercent",
    ),
    Refusal(
        "the metaspace as a system option",
        {"services.file.systemOptions": ["-XX:MaxMetaspaceSize=512m"]},
        "services.file.systemOptions[0]",
        "-XX:MaxMetaspaceSize=512m",
        mend="use services.file.jvm.metaspaceMi",
    ),
    Refusal(
        "an argument of the application among the system options",
        {"services.file.systemOptions": ["--foo.bar=1"]},
        "services.file.systemOptions[0]",
        "--foo.bar=1",
        mend="move it to services.file.programParams",
    ),
    Refusal(
        "a system property behind the jar",
        {"services.file.programParams": ["-Dfoo.bar=1"]},
        "services.file.programParams[0]",
        "-Dfoo.bar=1",
        mend="move it to services.file.systemOptions",
    ),
    Refusal(
        "two options in one item",
        {"services.file.jvm.options": ["-XX:+UseG1GC -XX:+AlwaysPreTouch"]},
        "services.file.jvm.options[0]",
        "-XX:+UseG1GC -XX:+AlwaysPreTouch",
        mend="one list item for each option",
    ),
)
def test_what_contradicts_the_environment(refusal: Refusal) -> None:
    refusal.check()


@pytest.mark.parametrize(
    ("variable", "instead"),
    [
        ("ENVIRONMENT", "environment.springProfile"),
        ("EXECUTABLE_JAR", "services.file.executableJar"),
        ("DATA_DIR", "services.file.dataDir"),
        ("APP_DIR", "services.file.appDir"),
        ("JVM_OPTIONS_BASE", "services.file.jvm"),
        ("SYSTEM_OPTIONS", "services.file.systemOptions"),
        ("PROGRAM_PARAMS", "services.file.programParams"),
        ("JAVA_TOOL_OPTIONS", "services.file.jvm.options"),
        ("TZ", "services.file.timeZone"),
        ("POD_IP", "the pod's address"),
        ("SERVER_PORT", "services.file.port"),
        ("server_port", "services.file.port"),
        ("SPRING_PROFILES_ACTIVE", "environment.springProfile"),
        ("SPRING_LIFECYCLE_TIMEOUT_PER_SHUTDOWN_PHASE", "services.file.registration.shutdownSeconds"),
        ("SPRING_CLOUD_NACOS_DISCOVERY_SERVER_ADDR", "nacos.address"),
        ("aliyun_logs_file", "services.file.logs"),
        ("HOME", "the read-only root"),
    ],
)
def test_a_variable_that_a_setting_writes_is_refused_with_the_setting(variable: str, instead: str) -> None:
    for key in ("env", "envFromSecrets"):
        found = problems_of({f"services.file.{key}": {variable: "some/value"}})
        managed = [each for each in found if "settings write" in each.rule]
        assert [each.path for each in managed] == [f"services.file.{key}.{variable}"]
        assert instead in managed[0].mend


def test_a_variable_in_env_and_envfromsecrets_is_refused() -> None:
    found = problems_of({"services.file.env": {"A": "1"}, "services.file.envFromSecrets": {"A": "s/k"}})
    assert [(each.path, each.value, each.mend) for each in found] == [
        ("services.file.env.A", "A", "keep one of the two")
    ]


PATCHED = "services.file.patch.deployment.spec.template.spec"


def patched(pod: dict[str, object]) -> dict[str, object]:
    return {PATCHED: pod}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"services.file.env": {"DB_PASSWORD": SECRET}}, "services.file.env.DB_PASSWORD"),
        (
            {"services.gateway.ingress.annotations": {"example.com/api-token": SECRET}},
            'services.gateway.ingress.annotations["example.com/api-token"]',
        ),
        ({"services.file.env": {"SMS_ACCESS_KEY_ID": SECRET}}, "services.file.env.SMS_ACCESS_KEY_ID"),
        ({"services.file.env": {"FEATURE": f"LTAI5t{SECRET.replace('-', '')}"}}, "services.file.env.FEATURE"),
        ({"services.file.env": {"DB_URL": f"mysql://root:{SECRET}@db:3306/x"}}, "services.file.env.DB_URL"),
        ({"services.file.env": {"DB_URL": f"jdbc:mysql://db/x?user=a&password={SECRET}"}}, "services.file.env.DB_URL"),
        (
            {"services.file.env": {"FEATURE": "aB3dE5gH7jK9mN1pQ3sT5vW7yZ9"}},
            "services.file.env.FEATURE",
        ),
        (
            {"services.file.systemOptions": [f"-Dspring.datasource.password={SECRET}"]},
            "services.file.systemOptions[0]",
        ),
        ({"services.file.programParams": [f"--jwt.secret={SECRET}"]}, "services.file.programParams[0]"),
        ({"services.file.jvm.options": [f"-Djasypt.encryptor.password={SECRET}"]}, "services.file.jvm.options[0]"),
        (
            {"services.file.configFiles": {"application-test.yml": f"spring:\n  redis:\n    password: {SECRET}\n"}},
            'services.file.configFiles["application-test.yml"]',
        ),
        (
            {"services.file.configFiles": {"a.properties": f"oss.accessKeySecret={SECRET}"}},
            'services.file.configFiles["a.properties"]',
        ),
        (
            {"services.file.annotations": {"example.com/token": SECRET}},
            'services.file.annotations["example.com/token"]',
        ),
        (
            patched({"containers": [{"name": "file", "env": [{"name": "DB_PASSWORD", "value": SECRET}]}]}),
            f"{PATCHED}.containers[0].env[0].value",
        ),
        (
            patched(
                {"initContainers": [{"name": "init", "image": "busybox:1", "args": ["-x", f"--db.password={SECRET}"]}]}
            ),
            f"{PATCHED}.initContainers[0].args[1]",
        ),
        (
            {"services.file.patch.deployment": {"metadata": {"annotations": {"example.com/token": SECRET}}}},
            'services.file.patch.deployment.metadata.annotations["example.com/token"]',
        ),
    ],
)
def test_a_secret_in_plain_text_is_refused_and_never_repeated(changes: dict[str, object], path: str) -> None:
    found = problems_of(changes)
    assert [each.path for each in found] == [path]
    assert "must not hold a secret in plain text" in found[0].rule
    assert "envFromSecrets" in found[0].mend
    report = "\n".join(map(str, found))
    assert SECRET not in report
    assert "aB3dE5" not in report
    assert "LTAI" not in report


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PASSWORD_MIN_LENGTH", "8"),
        ("JWT_TOKEN_VALIDITY", "3600"),
        ("DB_PASSWORD", "${DB_PASSWORD_FILE}"),
        ("TOKEN", "true"),
        ("SECRET", ""),
        ("PUBLIC_KEY_PATH", "/etc/keys/public.pem"),
        ("MAIN_CLASS", "com.example.platform.gateway.GatewayServerApplication"),
        ("TRACE_ID", "0f8fad5b-d9cb-469f-a165-70867728950e"),
    ],
)
def test_a_value_that_only_sounds_like_a_secret_is_accepted(variable: str, value: str) -> None:
    assert load_changed({"services.file.env": {variable: value}}).services["file"].env == {variable: value}


@pytest.mark.parametrize("line", ["a", "eyJ", "a: ", "a://b:", "password-", "Aa1", "-----BEGIN "])
def test_a_file_of_one_long_line_is_looked_through_once(line: str) -> None:
    text = (line * 200_000)[:200_000]
    begin = time.process_time()
    with suppress(SettingsError):  # what it says is another test's matter
        load_changed({"services.file.configFiles": {"application.json": text}})
    assert time.process_time() - begin < 10  # a fraction of a second; minutes where each place is begun anew


@refusals(
    Refusal(
        "the jar's directory under DATA_DIR",
        {"services.file.appDir": "/product/test/file/app"},
        "services.file.appDir",
        "/product/test/file/app",
        "the NAS would hide the jar",
        "/app",
    ),
    Refusal(
        "DATA_DIR under the jar's directory",
        {"services.file.appDir": "/product"},
        "services.file.appDir",
        "/product",
        mend="/app",
    ),
    Refusal(
        "DATA_DIR over a directory of the image's system",
        {"services.file.dataDir": "/usr"},
        "services.file.dataDir",
        "/usr",
        "the NAS would hide it",
        "/product/test/file",
    ),
    Refusal(
        "configuration files mounted inside DATA_DIR",
        {"services.file.configFiles": {"a.yml": "a: 1"}, "services.file.configFilesPath": "/product/test/file/config"},
        "services.file.configFilesPath",
        "/product/test/file/config",
        mend="/etc/spring",
    ),
    Refusal(
        "configuration files mounted over /etc",
        {"services.file.configFiles": {"a.yml": "a: 1"}, "services.file.configFilesPath": "/etc"},
        "services.file.configFilesPath",
        "/etc",
        mend="/etc/spring",
    ),
    Refusal(
        "configuration files of more than 1 MiB",
        {"services.file.configFiles": {"a.yml": "words " * 100000, "b.yml": "words " * 100000}},
        "services.file.configFiles",
        "a.yml 600000 bytes, b.yml 600000 bytes",
        mend="on the NAS",
    ),
    Refusal(
        "two services in one directory of the NAS",
        {"services.file.nas": {"subPath": "product/test/exam"}},
        "services.exam.dataDir",
        "product/test/exam",
        "must not be the directory of file too",
        "nas: {shared: true} on both",
        beside=("services.file.nas.subPath",),
    ),
    Refusal(
        "a shared directory that only one of two services calls shared",
        {"services.file.nas": {"subPath": "product/test/exam", "shared": True}},
        "services.exam.dataDir",
        "product/test/exam",
        mend="on both",
    ),
    Refusal(
        "a directory inside another service's",
        {"services.file.nas": {"subPath": "product/test/exam/file"}},
        "services.file.nas.subPath",
        "product/test/exam/file",
        "under or over the directory of exam",
        "a directory beside it",
    ),
    Refusal(
        "a directory inside another service's, and one whose name only begins like it",
        {
            "services.file.nas": {"subPath": "product/test/exam-files"},
            "services.study.nas": {"subPath": "product/test/exam/study"},
        },
        "services.study.nas.subPath",
        "product/test/exam/study",
        "under or over the directory of exam",
    ),
)
def test_directories_that_hide_or_meet_each_other(refusal: Refusal) -> None:
    refusal.check()


def test_two_services_may_share_a_directory_when_both_say_so() -> None:
    settings = load_changed(
        {
            "services.file.nas": {"subPath": "product/test/shared", "shared": True},
            "services.exam.nas": {"subPath": "product/test/shared", "shared": True},
        }
    )
    assert settings.sub_path("file") == settings.sub_path("exam")


def test_an_option_that_repeats_a_setting_is_accepted() -> None:
    settings = load_changed({"services.file.systemOptions": ["-Dserver.port=80"]})
    assert settings.services["file"].system_options == ("-Dserver.port=80",)

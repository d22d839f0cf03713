"""What a failed run says: the object, the server's own words, the rule and the mend, in as few messages as reasons."""

import re

import pytest
from pulumi.automation.events import EngineEvent

from sandbox.causes import given_setting
from sandbox.changes import Changes
from sandbox.failure import Failed, failures, report
from sandbox.problem import OperationError
from sandbox.urn import Urn

DEPLOYMENT = (
    "urn:pulumi:uat::ack-platform::ack-platform:index:SpringService$kubernetes:apps/v1:Deployment::gateway-deployment"
)
NAMESPACE = (
    "urn:pulumi:uat::ack-platform::ack-platform:index:Environment$kubernetes:core/v1:Namespace::environment-namespace"
)
POST = 'Post "https://172.16.0.1:6443/apis/apps/v1/namespaces/uat/deployments": '


def created(urn: str, said: str) -> str:
    """What pulumi-kubernetes says of a create that the API server refused."""
    return f'resource "{urn}" was not successfully created by the Kubernetes API server: {said}'


def refused(said: str, urn: str = DEPLOYMENT, identity: str = "uat/gateway") -> str:
    """The report of one refused create."""
    return report("up", [Failed(urn, created(urn, said), identity)])


def test_a_report_says_what_is_kept_and_names_object_words_rule_and_mend() -> None:
    assert refused('admission webhook "policy.example.com" denied the request: no image from outside') == (
        "up: 1 resource failed; what was done before is kept, and the next run goes on from there.\n"
        "\n"
        "  Deployment uat/gateway (gateway-deployment)\n"
        '    said   admission webhook "policy.example.com" denied the request: no image from outside\n'
        "    rule   must be what the admission webhook policy.example.com lets through\n"
        "    mend   do what it says, or ask whoever runs it: `kubectl get validatingwebhookconfigurations,"
        "mutatingwebhookconfigurations`. Then run again"
    )


@pytest.mark.parametrize(
    ("said", "rule", "mend"),
    [
        (
            (
                'deployments.apps "gateway" already exists\n\n'
                "The resource already exists in the cluster. This can happen when:\n\n  - Renaming a Pulumi resource"
            ),
            "must not exist yet",
            "PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true pulumi up --stack uat --target '**::gateway-deployment'",
        ),
        (
            (
                'deployments.apps "gateway" is forbidden: unable to create new content in namespace uat because it is '
                "being terminated"
            ),
            "uat is being deleted",
            "`kubectl get namespace uat -o yaml`",
        ),
        ('namespaces "uat" not found', "there is no uat", "pulumi refresh --stack uat"),
        (
            'object is being deleted: deployments.apps "gateway" already exists',
            "must be gone before",
            "`kubectl get deployment gateway -n uat -o yaml`",
        ),
        (
            (
                'services "two" is forbidden: exceeded quota: ack-platform, requested: services=1, used: services=1, '
                "limited: services=1"
            ),
            "the ResourceQuota ack-platform: services=1 more than services=1 is above services=1",
            "`kubectl describe resourcequota ack-platform -n uat`",
        ),
        (
            (
                'Internal error occurred: failed calling webhook "policy.example.com": failed to call webhook: Post '
                '"https://policy.kube-system.svc:443/?timeout=2s": dial tcp 10.0.0.9:443: connect: connection refused'
            ),
            "the admission webhook policy.example.com, which does not answer",
            "bring up the pods behind it",
        ),
        (
            (
                'deployments.apps is forbidden: User "ci" cannot create resource "deployments" in API group "apps" '
                'in the namespace "uat"'
            ),
            "ci may not create deployments",
            "`kubectl auth can-i create deployments -n uat`",
        ),
        (
            'no matches for kind "AlbConfig" in version "alibabacloud.com/v1"',
            "must be of a kind that the cluster serves",
            "ALB Ingress Controller",
        ),
        (
            (
                'Deployment.apps "gateway" is invalid: spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: '
                "field is immutable"
            ),
            "must keep this field",
            "put the old value back",
        ),
        (f"{POST}dial tcp 172.16.0.1:6443: connect: connection refused", "an API server that answers", "/readyz"),
        (f"{POST}EOF", "an API server that answers", "what it wrote without a word exists already"),
        ("Unauthorized", "someone whom the API server knows", "cluster.kubeconfig"),
    ],
)
def test_what_the_api_server_refuses_has_a_rule_and_a_mend(said: str, rule: str, mend: str) -> None:
    text = refused(said)
    lines = dict(re.findall(r"^    (\w+)   (.*)$", text, re.MULTILINE))
    assert lines["said"] == said.partition("\n")[0]
    assert rule in lines["rule"]
    assert mend in lines["mend"]
    assert text.count("\n") == 5


def test_a_conflict_shows_who_took_which_fields() -> None:
    said = (
        'the Kubernetes API server reported that "uat/gateway" failed to fully initialize or become live: server-side '
        "apply field conflict detected, see https://www.pulumi.com/registry/ for troubleshooting help\n"
        'The resource managed by field manager "ack-platform" had an apply conflict: Apply failed with 2 conflicts: '
        'conflicts with "kubectl-edit" using apps/v1:\n- .spec.replicas\n- .spec.paused'
    )
    (found,) = failures([Failed(DEPLOYMENT, f"1 error occurred:\n\t* {said}\n\n", "uat/gateway")])
    assert found.said == (
        'Apply failed with 2 conflicts: conflicts with "kubectl-edit" using apps/v1:\n- .spec.replicas\n- .spec.paused'
    )
    assert "kubectl-edit has taken some of them" in found.rule
    assert "PULUMI_K8S_ENABLE_PATCH_FORCE=true pulumi up --stack uat" in found.mend
    assert "\n           - .spec.replicas\n" in str(found)


@pytest.mark.parametrize(
    ("reason", "mend"),
    [
        (
            (
                'FailedCreate: Error creating: pods "gateway-1-2" is forbidden: exceeded quota: ack-platform, '
                "requested: limits.cpu=1, used: limits.cpu=5, limited: limits.cpu=5"
            ),
            "`environment.quota.hard`",
        ),
        (
            (
                'FailedCreate: Error creating: pods "gateway-1-2" is forbidden: violates PodSecurity '
                '"restricted:latest": allowPrivilegeEscalation != false'
            ),
            "securityProfile",
        ),
        ('Failed: Failed to pull image "a/b:1": not found', "services.NAME.image"),
        ("BackOff: Back-off restarting failed container", "`kubectl logs deployment gateway -n uat --previous`"),
        ("FailedScheduling: 0/4 nodes are available: 4 Insufficient cpu.", "add nodes"),
        ("[MinimumReplicasUnavailable] Deployment does not have minimum availability.", "kubectl get events -n uat"),
    ],
)
def test_an_object_that_does_not_come_up_is_explained_by_its_last_event(reason: str, mend: str) -> None:
    wrapping = f'resource "{DEPLOYMENT}" was successfully created, but the Kubernetes API server reported that it'
    waited = f"{wrapping} failed to fully initialize or become live: 'gateway' timed out waiting to be Ready"
    said = f"2 errors occurred:\n\t* {waited}\n\t* {reason}\n\n"
    (found,) = failures([Failed(DEPLOYMENT, said, "uat/gateway")])
    assert found.said.splitlines()[-1] == reason
    assert mend in found.mend


def test_forty_objects_that_an_absent_api_server_did_not_take_are_one_message() -> None:
    urns = [DEPLOYMENT.replace("gateway-", f"service{number}-") for number in range(40)]
    lost = [Failed(urn, created(urn, f"{POST}EOF"), f"uat/{number}") for number, urn in enumerate(urns)]
    (found,) = failures(lost)
    assert len(found.objects) == 40
    text = report("up", lost)
    assert text.startswith("up: 40 resources failed; ")
    assert "Deployment uat/2 (service2-deployment) and 37 more\n" in text
    assert text.count("\n") == 5


def test_objects_with_different_mends_are_told_apart_and_each_once() -> None:
    exists = Failed(DEPLOYMENT, created(DEPLOYMENT, 'deployments.apps "gateway" already exists'), "uat/gateway")
    namespace = Failed(NAMESPACE, created(NAMESPACE, 'namespaces "uat" already exists'), "uat")
    found = failures([exists, namespace, exists])
    assert [each.objects for each in found] == [
        ("Deployment uat/gateway (gateway-deployment)",),
        ("Namespace uat (environment-namespace)",),
    ]
    assert "`environment.namespace: { ownership: given }` in Pulumi.uat.yaml" in found[1].mend
    assert "kubectl delete" not in found[1].mend


def test_a_volume_that_was_kept_is_no_reason_to_fear_for_its_files() -> None:
    urn = DEPLOYMENT.replace("apps/v1:Deployment", "core/v1:PersistentVolume").replace("gateway-", "nas-volume-")
    text = refused('persistentvolumes "uat-nas" already exists', urn, "uat-nas")
    assert "`kubectl delete persistentvolume uat-nas` removes the entry and no file" in text


def test_what_nobody_knows_is_said_as_it_is() -> None:
    urn = "urn:pulumi:uat::ack-platform::alicloud:nas/mountTarget:MountTarget::nas-mount-target"
    assert report("up", [Failed(urn, "InternalError: connection refused")]).endswith(
        "\n\n  alicloud:nas/mountTarget:MountTarget nas-mount-target\n    said   InternalError: connection refused"
    )
    assert report("preview", [Failed(DEPLOYMENT, "odd")]).startswith("preview: 1 resource failed; nothing was changed.")
    assert report("up", []) == ""


def test_a_urn_has_parts() -> None:
    urn = Urn(DEPLOYMENT)
    assert (urn.stack, urn.type, urn.kind) == ("uat", "kubernetes:apps/v1:Deployment", "Deployment")
    assert urn.name == "gateway-deployment"


def test_only_what_can_be_given_has_a_setting_that_gives_it() -> None:
    assert given_setting({"name": "gateway-deployment", "object": "uat/gateway"}) is None
    stated = given_setting({"name": "nas-volume-claim", "object": "uat/uat-nas"})
    assert stated == "nas.volume: { ownership: given, claim: uat-nas }"


def test_what_the_runtime_says_after_the_engine_ended_hides_no_reason() -> None:
    """The program's connection ended: why is said by the engine's command, if no resource says it."""
    changes = Changes()
    echo = "Resource monitor has terminated, shutting down"
    changes(EngineEvent.from_json({"sequence": 1, "timestamp": 1, "diagnosticEvent": _error(echo)}))
    said = f"code: 255\nstdout: Diagnostics:\n    error: {echo}\nstderr: error: rpc error: the provider is gone\n"
    assert "the provider is gone" in str(OperationError("preview", changes, said))
    changes(EngineEvent.from_json({"sequence": 2, "timestamp": 1, "diagnosticEvent": _error("the real reason")}))
    assert str(OperationError("preview", changes, said)) == "the real reason"


def _error(message: str) -> dict[str, str]:
    return {"message": f"error: {message}\n", "severity": "error", "prefix": "", "color": "never"}

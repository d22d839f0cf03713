"""A ResourceQuota against everything that a stack has at one time."""

from tests.config.changes import REMOVED, load_changed, problems_of
from tests.config.refusal import Refusal, refusals

QUOTA = "environment.quota.hard"


@refusals(
    Refusal(
        "a memory quota that a rollout would exceed, with each service's share",
        {f'{QUOTA}["limits.memory"]': "30Gi"},
        f'{QUOTA}["limits.memory"]',
        "30Gi",
        "gateway                      6336Mi   2 + 1 pods",
        "limits.memory: 31808Mi at least",
    ),
    Refusal(
        "a cpu quota that the autoscaler would exceed",
        {
            f'{QUOTA}["requests.cpu"]': "6",
            f'{QUOTA}["requests.memory"]': "100Gi",
            f'{QUOTA}["limits.memory"]': "100Gi",
            "services.gateway.autoscaler": {"minReplicas": 2, "maxReplicas": 10},
        },
        f'{QUOTA}["requests.cpu"]',
        "6",
        "10 + 1 pods",
        "requests.cpu: 6030m at least",
    ),
    Refusal(
        "a quota by its short name",
        {f"{QUOTA}.memory": "1Gi"},
        f"{QUOTA}.memory",
        "1Gi",
        mend="requests.memory",
    ),
    Refusal(
        "fewer pods than replicas",
        {f"{QUOTA}.pods": "10"},
        f"{QUOTA}.pods",
        "10",
        "2 + 1 pods",
        'pods: "16" at least',
    ),
    Refusal(
        "no room for the pods of the job's runs that stay to be read",
        {f"{QUOTA}.count/pods": "21"},
        f"{QUOTA}.count/pods",
        "21",
        "log-retention                     7",
        'count/pods: "22" at least',
    ),
    Refusal(
        "no room for those runs",
        {f'{QUOTA}["count/jobs.batch"]': "6"},
        f'{QUOTA}["count/jobs.batch"]',
        "6",
        mend='count/jobs.batch: "7" at least',
    ),
    Refusal(
        "no room for a changed ConfigMap beside the old one",
        {f"{QUOTA}.configmaps": "18", "services.gateway.configFiles": {"application-test.yml": "a: 1"}},
        f"{QUOTA}.configmaps",
        "18",
        "gateway                           4\n",
        'configmaps: "19" at least',
    ),
    Refusal(
        "no room for the pull Secret",
        {f"{QUOTA}.secrets": "0"},
        f"{QUOTA}.secrets",
        "0",
        "acr-credentials",
        'secrets: "1" at least',
    ),
    Refusal(
        "no room for what a rollback needs",
        {f'{QUOTA}["count/replicasets.apps"]': "48"},
        f'{QUOTA}["count/replicasets.apps"]',
        "48",
        "gateway                           7",
        'count/replicasets.apps: "49" at least',
    ),
    Refusal(
        "no room for the disruption budgets",
        {f'{QUOTA}["count/poddisruptionbudgets.policy"]': "0"},
        f'{QUOTA}["count/poddisruptionbudgets.policy"]',
        "0",
        "gateway",
        'count/poddisruptionbudgets.policy: "1" at least',
    ),
    Refusal(
        "less storage than the claim asks for",
        {f'{QUOTA}["requests.storage"]': "199Gi"},
        f'{QUOTA}["requests.storage"]',
        "199Gi",
        "test-nas",
        'requests.storage: "200Gi" at least',
    ),
    Refusal(
        "no room for the claim",
        {f"{QUOTA}.persistentvolumeclaims": "0"},
        f"{QUOTA}.persistentvolumeclaims",
        "0",
        "test-nas",
        'persistentvolumeclaims: "1" at least',
    ),
    Refusal(
        "a resource that no quota knows",
        {f'{QUOTA}["request.cpu"]': "1"},
        f'{QUOTA}["request.cpu"]',
        "1",
        mend='did you mean "requests.cpu"?',
    ),
)
def test_a_quota_that_the_stack_itself_exceeds(refusal: Refusal) -> None:
    refusal.check()


def test_a_quota_on_a_limit_that_pods_do_not_set_is_refused() -> None:
    changes = {f'{QUOTA}["limits.cpu"]': "100", "environment.limitRange.max": REMOVED}
    found = problems_of(changes)
    assert [each.path for each in found] == ["services.admin.resources.limits.cpu"]
    assert "a pod without it is refused" in found[0].rule
    assert "environment.limitRange.default.cpu" in found[0].mend


def test_a_limit_range_fills_in_the_limit_that_a_quota_asks_for() -> None:
    changes = {f'{QUOTA}["limits.cpu"]': "100", "environment.limitRange.default.cpu": "2"}
    assert load_changed(changes).environment.quota is not None

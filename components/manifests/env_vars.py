"""The environment variables of a service's container: the guide's, derived from one environment name."""

from components.manifests.metadata import Manifest
from config import StackSettings
from config.service import Service
from config.workload import Jvm

HOME = "/tmp"  # noqa: S108 -- the one writable directory beside DATA_DIR under a read-only root file system


def env_vars(settings: StackSettings, name: str) -> list[Manifest]:
    """All variables in a fixed order; those that ``$(…)`` refers to come first."""
    service = settings.services[name]
    plain = {
        "ENVIRONMENT": settings.spring_profile,
        **({"PROFILE": settings.image_profile} if settings.image_profile != settings.spring_profile else {}),
        **({"EXECUTABLE_JAR": service.executable_jar} if service.executable_jar else {}),
        "DATA_DIR": settings.data_dir(name),
        "APP_DIR": service.app_dir,
        "JVM_OPTIONS_BASE": " ".join(jvm_options(service.jvm)),
        "SYSTEM_OPTIONS": " ".join(system_options(service)),
        "PROGRAM_PARAMS": " ".join(program_params(settings, name)),
        "TZ": service.time_zone,
        "LANG": "C.UTF-8",
        "SERVER_PORT": str(service.port),
        "SERVER_SHUTDOWN": "graceful",
        "SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE": f"{settings.life_cycle(name).shutdown}s",
        **({"MANAGEMENT_ENDPOINT_HEALTH_PROBES_ENABLED": "true"} if service.probes.type == "http" else {}),
        **({"HOME": HOME} if service.security_profile == "restricted" else {}),
        **_nacos(settings, name),
        **_logs(settings, name),
    }
    return [
        {"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "NODE_NAME", "valueFrom": {"fieldRef": {"fieldPath": "spec.nodeName"}}},
        *({"name": key, "value": value} for key, value in plain.items()),
        *(_from_secret(key, reference) for key, reference in sorted(service.env_from_secrets.items())),
        *({"name": key, "value": value} for key, value in sorted(service.env.items())),
    ]


def jvm_options(jvm: Jvm) -> tuple[str, ...]:
    """JVM_OPTIONS_BASE: the areas that were checked against the memory limit, and an end on out-of-memory."""
    return (
        f"-XX:MaxRAMPercentage={jvm.heap_percent}.0",
        f"-XX:MaxMetaspaceSize={jvm.metaspace_mi}m",
        f"-XX:ReservedCodeCacheSize={jvm.code_cache_mi}m",
        f"-XX:MaxDirectMemorySize={jvm.direct_memory_mi}m",
        f"-Xss{jvm.thread_stack_ki}k",
        "-XX:+ExitOnOutOfMemoryError",
        *jvm.options,
    )


def system_options(service: Service) -> tuple[str, ...]:
    """SYSTEM_OPTIONS: port, character set, time zone; under a read-only root also where libraries write."""
    writable = (
        f"-Duser.home={HOME}",
        f"-DJM.LOG.PATH={HOME}/nacos/logs",
        f"-DJM.SNAPSHOT.PATH={HOME}/nacos",
        f"-Dcsp.sentinel.log.dir={HOME}/sentinel",
    )
    return (
        f"-Dserver.port={service.port}",
        "-Dfile.encoding=UTF-8",
        f"-Duser.timezone={service.time_zone}",
        *(writable if service.security_profile == "restricted" else ()),
        *service.system_options,
    )


def program_params(settings: StackSettings, name: str) -> tuple[str, ...]:
    """PROGRAM_PARAMS: profile, no Nacos configuration check, and where application*.yml are read from.

    A later location wins, so reviewed ``configFiles`` win over files on the NAS.
    """
    service = settings.services[name]
    locations = [f"optional:file:{settings.data_dir(name)}/"] if service.nas else []
    locations += [f"optional:file:{service.config_files_path}/"] if service.config_files else []
    return (
        f"--spring.profiles.active={settings.spring_profile}",
        "--spring.cloud.nacos.config.import-check.enabled=false",
        *((f"--spring.config.additional-location={','.join(locations)}",) if locations else ()),
        *service.program_params,
    )


def _nacos(settings: StackSettings, name: str) -> dict[str, str]:
    """Discovery settings, so that the process registers where its pod looks for it."""
    nacos = settings.nacos
    if nacos is None or settings.services[name].registration.nacos_name is None:
        return {}
    prefix = "SPRING_CLOUD_NACOS_DISCOVERY_"
    namespace = {} if settings.nacos_namespace == "public" else {f"{prefix}NAMESPACE": settings.nacos_namespace or ""}
    return {
        f"{prefix}SERVERADDR": nacos.address,
        **namespace,
        f"{prefix}GROUP": nacos.group,
        f"{prefix}IP": "$(POD_IP)",
        f"{prefix}PORT": str(settings.services[name].port),
        # The process registers when Nacos is there again, instead of ending because it is not; the sidecar tells of it.
        **({f"{prefix}FAILFAST": "false"} if settings.registration_mode(name) == "sidecar" else {}),
        **({f"{prefix}INSTANCEENABLED": "false"} if settings.services[name].registration.start_hidden else {}),
        "SPRING_CLOUD_LOADBALANCER_CACHE_TTL": f"{nacos.consumer_cache_seconds}s",
    }


def _logs(settings: StackSettings, name: str) -> dict[str, str]:
    """The documented variables that make SLS collect the container's output; the key is unique in the cluster."""
    logs = settings.services[name].logs
    if logs is None:
        return {}
    key = f"aliyun_logs_{settings.environment.name}-{name}"
    project = {f"{key}_project": logs.project} if logs.project else {}
    return {key: "stdout", **project, f"{key}_ttl": str(logs.ttl_days), f"{key}_shard": str(logs.shards)}


def _from_secret(key: str, reference: str) -> Manifest:
    secret, _, secret_key = reference.partition("/")
    return {"name": key, "valueFrom": {"secretKeyRef": {"name": secret, "key": secret_key}}}

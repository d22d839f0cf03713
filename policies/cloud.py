"""Rules of volumes and of what is in the cloud account: data stays, and is not open to everybody."""

from __future__ import annotations

from collections.abc import Iterator

from policies.rule import MUST, SHOULD, Object, Objects, Rule

_VOLUMES = "https://kubernetes.io/docs/concepts/storage/persistent-volumes/"
_ALB = "https://www.alibabacloud.com/help/en/slb/application-load-balancer/"
_NAS = "https://www.alibabacloud.com/help/en/nas/user-guide/manage-permission-groups"
_BALANCER, _SYSTEM, _ACCESS = "LoadBalancer", "FileSystem", "AccessRule"
_TWO = 2


def _retained(each: Object, _every: Objects) -> Iterator[str]:
    if (each.get("spec") or {}).get("persistentVolumeReclaimPolicy") != "Retain":
        yield "its data goes with its claim"


def _bound(each: Object, _every: Objects) -> Iterator[str]:
    if not (each.get("spec") or {}).get("volumeName"):
        yield "takes any volume that fits"


def _zones(each: Object, _every: Objects) -> Iterator[str]:
    if len({zone.get("zoneId") for zone in each.get("zoneMappings") or ()}) < _TWO:
        yield "is in one zone"


def _deletion(each: Object, _every: Objects) -> Iterator[str]:
    if (each.get("deletionProtectionConfig") or {}).get("enabled") is not True:
        yield "may be deleted in the console"


def _access_log(each: Object, _every: Objects) -> Iterator[str]:
    if not each.get("accessLogConfig"):
        yield "keeps no access log"


def _open(each: Object, _every: Objects) -> Iterator[str]:
    if str(each.get("sourceCidrIp", "0.0.0.0/0")).endswith("/0"):
        yield "lets every address mount it"


def _encryption(each: Object, _every: Objects) -> Iterator[str]:
    if not each.get("encryptType"):
        yield "is not encrypted"


RULES = (
    Rule("volume-retained", MUST, ("PersistentVolume",), "loses files by one wrong kubectl delete",
         "take it out: no setting makes it", _VOLUMES, _retained),
    Rule("claim-by-name", MUST, ("PersistentVolumeClaim",), "could be bound to the files of others",
         "nas.volume", _VOLUMES, _bound),
    Rule("alb-zones", MUST, (_BALANCER,), "is gone with one zone", "alb.vSwitches in two zones", _ALB, _zones),
    Rule("alb-deletion-protection", MUST, (_BALANCER,), "is gone after one click", "take it out: no setting makes it",
         _ALB, _deletion),
    Rule("alb-access-log", SHOULD, (_BALANCER,), "leaves no trace of who asked for what", "alb.accessLog", _ALB,
         _access_log),
    Rule("nas-closed", MUST, (_ACCESS,), "shows the files to the whole network",
         "nas.fileSystem.accessRules[].source", _NAS, _open),
    Rule("nas-encrypted", SHOULD, (_SYSTEM,), "keeps files readable on the disks",
         "nas.fileSystem.encryption: nas-managed, which makes a new file system", _NAS, _encryption),
)  # fmt: skip

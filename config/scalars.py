"""The words of a stack file: each scalar type once, with its rule and a correct example in every message."""

import re
from fractions import Fraction
from typing import Annotated, Literal

from annotated_types import Ge, Le

from config.text import Text, is_absolute, is_cidr, is_cron, is_day, is_moment, is_quantity, is_sub_path, is_time_zone

_MILLI = Fraction(1, 1000)
"""Of a core: the API server rounds what is finer up, so the pod would have another amount than the stack file says."""
_LABEL = r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(?:\.{_LABEL})*"
_HOST = r"(?:\*\.)?(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?\.)+[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?"
_NOT_ALIYUN = r"(?!aliyun)"
_SYSTEM_ZONES = r"(?!posix|right/|localtime|Factory)"
"""Names beside the tz database that some systems have; a cluster has not."""
_LAST_PORT = 65535
_LONGEST_PREFIX = 253

DnsLabel = Annotated[
    str, Text("a DNS label: at most 63 of a-z, 0-9 and '-', no '-' at either end", "acr-credentials", _LABEL, 63)
]
ObjectName = Annotated[
    str,
    Text("an object name: a DNS label that does not start with 'aliyun'", "uat-alb", _NOT_ALIYUN + _LABEL, 63),
]
SERVICE_NAME = Text(
    "a service name: at most 40 of a-z, 0-9 and '-', starting with a letter, not with 'aliyun'",
    "gateway",
    _NOT_ALIYUN + r"[a-z](?:[-a-z0-9]*[a-z0-9])?",
    40,
)
"""The rule of a key under ``services`` and of an entry of the catalogue."""
LiveName = Annotated[
    str,
    Text(
        "a name of Kubernetes: at most 253 of a-z, 0-9, '-' and '.', a letter or digit at the ends of each part",
        "uat-gateway.v2",
        _SUBDOMAIN,
        253,
    ),
]
"""The name of an object that is live already: whatever Kubernetes accepted."""
NamespaceName = Annotated[
    str,
    Text(
        "a namespace of your own: a DNS label, not 'default', not starting with 'kube-' or 'aliyun'",
        "uat",
        r"(?!kube-|aliyun|default$)" + _LABEL,
        63,
    ),
]
EnvironmentName = Annotated[
    str,
    Text(
        "an environment name: at most 20 of a-z, 0-9 and '-', starting with a letter",
        "uat",
        r"[a-z](?:[-a-z0-9]*[a-z0-9])?",
        20,
    ),
]
ClusterId = Annotated[
    str, Text("an ACK cluster id: 'c' and 32 letters or digits", "c1234567890abcdef1234567890abcdef", r"c[0-9a-z]{32}")
]
RegionId = Annotated[str, Text("an Alibaba Cloud region id", "cn-hangzhou", r"[a-z]{2}-[a-z]+(?:-[a-z0-9]+)*")]
ZoneId = Annotated[str, Text("a zone id: the region and a letter", "cn-hangzhou-h", r"[a-z]{2}-[a-z0-9-]+-?[a-z]")]
VpcId = Annotated[str, Text("a VPC id", "vpc-bp1example0000001", r"vpc-[a-z0-9]{1,40}")]
VSwitchId = Annotated[str, Text("a vSwitch id", "vsw-bp1example0000001", r"vsw-[a-z0-9]{1,40}")]
AlbId = Annotated[str, Text("an ALB instance id", "alb-example0000000001", r"alb-[a-z0-9]{1,40}")]
BandwidthPackageId = Annotated[str, Text("an Internet shared bandwidth id", "cbwp-bp1example", r"cbwp-[a-z0-9]{1,40}")]
FileSystemId = Annotated[str, Text("a NAS file system id, without a path", "31a8e4abcd", r"[0-9a-z]{6,40}")]
MountTargetDomain = Annotated[
    str,
    Text(
        "a NAS mount target's domain name, without ':' and path",
        "31a8e4abcd-abc12.cn-hangzhou.nas.aliyuncs.com",
        r"[0-9a-z-]+\.[0-9a-z.-]+\.[a-z]+",
        253,
    ),
]
CertificateId = Annotated[
    str,
    Text(
        "a certificate id of Certificate Management with its region suffix",
        "12345678-cn-hangzhou",
        r"[0-9A-Za-z]+(?:-[0-9A-Za-z]+)*-(?:cn-hangzhou|ap-southeast-1)",
    ),
]
Cidr = Annotated[str, Text("an IPv4 network without host bits", "10.1.0.0/20", r"[0-9.]+/[0-9]+", 18, is_cidr)]
Host = Annotated[
    str,
    Text(
        "a host name: lower case, no scheme, no port, no trailing dot, '*' only as the first label",
        "gateway.uat.example.com",
        _HOST,
        253,
    ),
]
Domain = Annotated[str, Text("a domain name in lower case", "uat.example.com", _HOST.removeprefix(r"(?:\*\.)?"), 200)]
HttpsUrl = Annotated[
    str,
    Text(
        "an https URL of the cluster's API server", "https://203.0.113.10:6443", r"https://[0-9A-Za-z.-]+(?::[0-9]+)?"
    ),
]
HostPort = Annotated[
    str,
    Text(
        "host:port, several with commas",
        "nacos.example.internal:8848",
        r"[0-9A-Za-z.-]+:[1-9][0-9]{0,4}(?:,[0-9A-Za-z.-]+:[1-9][0-9]{0,4})*",
        accepts=lambda value: all(int(each.rpartition(":")[2]) <= _LAST_PORT for each in value.split(",")),
    ),
]
KubernetesVersion = Annotated[
    str,
    Text(
        "a Kubernetes version from 1.28 to 1.36, in quotes", '"1.36"', r"1\.(?:2[89]|3[0-6])(?:\.\d+(?:-aliyun\.\d+)?)?"
    ),
]
AddonVersion = Annotated[str, Text("an add-on version", "v2.20.0", r"v?\d+\.\d+\.\d+(?:[-.+][0-9A-Za-z.-]+)?")]
CpuQuantity = Annotated[
    str,
    Text(
        "CPU in cores or 'm', whole 'm' from 1m to 128 cores, in quotes",
        '"500m"',
        r"[0-9]+(?:\.[0-9]+)?m?",
        12,
        is_quantity(_MILLI, 128, step=_MILLI),
    ),
]
MemoryQuantity = Annotated[
    str,
    Text(
        "memory with the suffix Mi or Gi, a whole number of bytes, from 1Mi to 1024Gi",
        "2Gi",
        r"[0-9]+(?:\.[0-9]+)?(?:Mi|Gi)",
        12,
        is_quantity(2**20, 2**40, step=1),
    ),
]
StorageQuantity = Annotated[
    str, Text("storage with the suffix Gi or Ti", "100Gi", r"[1-9][0-9]*(?:Gi|Ti)", 12, is_quantity(2**30, 2**54))
]
AnyQuantity = Annotated[
    str,
    Text("a Kubernetes quantity, in quotes", '"20"', r"[0-9]+(?:\.[0-9]+)?[a-zA-Z]{0,2}", 16, is_quantity(0, 2**60)),
]
ImageRepository = Annotated[
    str,
    Text(
        "an image repository in lower case, without tag",
        "registry-vpc.cn-hangzhou.aliyuncs.com/example/gateway",
        r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?::[0-9]+)?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*",
        255,
    ),
]
RegistryAddress = Annotated[
    str,
    Text(
        "a registry's host, with its port if it has one",
        "registry.cn-hangzhou.aliyuncs.com",
        r"[a-z0-9]+(?:[.-]+[a-z0-9]+)*(?::[0-9]{1,5})?",
        255,
    ),
]
ImageReference = Annotated[
    str,
    Text(
        "an image with a tag other than 'latest', or a digest",
        "registry-vpc.cn-hangzhou.aliyuncs.com/example/tools:1.0.0",
        r"[a-z0-9]+(?:[._-][a-z0-9]+)*(?::[0-9]+(?=/))?(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*"
        r"(?::(?!latest)[A-Za-z0-9_][A-Za-z0-9._-]{0,127})?(?:@sha256:[0-9a-f]{64})?",
        512,
        lambda value: "@sha256:" in value or ":" in value.rsplit("/", 1)[-1],
    ),
]
ImageTag = Annotated[
    str,
    Text("an image tag, in quotes", '"uat-1.4.2-3f2a9c1b-20260901T101500"', r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}"),
]
ImageDigest = Annotated[
    str, Text("an image digest: 'sha256:' and 64 hexadecimal digits", "sha256:" + "0" * 64, r"sha256:[0-9a-f]{64}")
]
CronSchedule = Annotated[
    str,
    Text("a cron schedule of five fields, without TZ=, Sunday as 0", '"30 3 * * *"', r"[0-9*/,\- ]+", 100, is_cron),
]
TimeZone = Annotated[
    str,
    Text(
        "a time zone of the tz database",
        "Asia/Shanghai",
        _SYSTEM_ZONES + r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*",
        64,
        is_time_zone,
    ),
]
EnvName = Annotated[str, Text("an environment variable's name", "FEATURE_X", r"[A-Za-z_][A-Za-z0-9_]*", 200)]
AbsolutePath = Annotated[
    str, Text("an absolute path without '..', ':' or a trailing '/'", "/app", r"/[A-Za-z0-9._/-]+", 255, is_absolute)
]
SubPath = Annotated[
    str,
    Text(
        "a path below the volume, not absolute, without '..'",
        "product/uat/file",
        r"[A-Za-z0-9._/-]+",
        255,
        is_sub_path,
    ),
]
DataDirPattern = Annotated[
    str,
    Text(
        "an absolute path that contains {environment} and {service}",
        "/product/{environment}/{service}",
        r"/[A-Za-z0-9._/{}-]+",
        255,
        lambda value: (
            "{environment}" in value
            and "{service}" in value
            and is_absolute(value)
            and not re.search(r"[{}]", value.replace("{environment}", "").replace("{service}", ""))
        ),
    ),
]
UrlPath = Annotated[
    str, Text("a URL path that starts with '/', printable ASCII without '?' and '#'", "/api", r'/[!"$->@-~]*', 1024)
]
FileName = Annotated[str, Text("a file name without '/'", "application-uat.yml", r"[A-Za-z0-9_][A-Za-z0-9._-]*", 253)]
ConfigKey = Annotated[
    str,
    Text(
        "a name of the form prefix/name or name",
        "app.kubernetes.io/name",
        rf"(?:{_SUBDOMAIN}/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{{0,61}}[A-Za-z0-9])?",
        317,
        lambda value: len(value.rpartition("/")[0]) <= _LONGEST_PREFIX,
    ),
]
LabelValue = Annotated[
    str,
    Text(
        "a label value: at most 63 of letters, digits, '-', '_', '.'",
        "platform-team",
        r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?",
        63,
    ),
]
JavaOption = Annotated[
    str, Text("one option of the java command", "-XX:+UseG1GC", r"-[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*", 1024)
]
PlainText = Annotated[str, Text("text of one line", "example", r"[^\x00-\x1f\x7f]+", 1024)]
ListenerKey = Annotated[str, Text("a listener as PROTOCOL/PORT", "HTTPS/8000", r"(?:HTTP|HTTPS|QUIC)/[1-9][0-9]{0,4}")]
Reason = Annotated[
    str,
    Text(
        "a reason in one line of at least 15 characters",
        "moves to the file system of the new zone",
        r"\S[^\x00-\x1f\x7f]{13,1022}\S",
    ),
]
Day = Annotated[
    str, Text("a day as YYYY-MM-DD, in quotes", '"2027-01-31"', r"[0-9]{4}-[0-9]{2}-[0-9]{2}", 10, accepts=is_day)
]
Moment = Annotated[
    str,
    Text(
        "a moment as YYYY-MM-DDTHH:MM:SS with Z or an offset, in quotes",
        '"2026-11-26T04:00:00Z"',
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})",
        25,
        accepts=is_moment,
    ),
]

PortName = Annotated[
    str,
    Text("a Service's port name: at most 63 of a-z, 0-9 and '-', no '-' at either end", "http", _LABEL, 63),
]
Base64 = Annotated[str, Text("base64 on one line", "LS0tLS1CRUdJTi1FWEFNUExFLS0tLS0K", r"[A-Za-z0-9+/]+={0,2}", 16384)]
LogStoreName = Annotated[str, Text("a Logstore name that starts with 'alb_'", "alb_uat", r"alb_[a-z0-9_-]{1,58}")]
LogProjectName = Annotated[str, Text("an SLS project name", "k8s-log-example", r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]")]
NasPath = Annotated[
    str,
    Text(
        "an absolute directory of the file system, without '..'", "/uat", r"/|(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+", 255
    ),
]
FileMode = Annotated[str, Text("an octal file mode, in quotes", '"0777"', r"[01]?[0-7]{3}")]
NacosGroup = Annotated[str, Text("a Nacos group name", "DEFAULT_GROUP", r"[A-Za-z0-9._:-]{1,128}")]
CookieName = Annotated[str, Text("a cookie name", "JSESSIONID", r"[A-Za-z0-9_-]{1,200}")]
HeaderName = Annotated[str, Text("an HTTP header name", "X-Canary", r"[A-Za-z0-9-]{1,40}")]
ReleaseStrategy = Annotated[str, Text("Follow, Never or a duration", "10m", r"Follow|Never|[1-9][0-9]*[smh]")]
JarFile = Annotated[str, Text("a jar file name", "oauth2-server-exec.jar", r"[A-Za-z0-9_][A-Za-z0-9._-]*\.jar")]
SecretKeyReference = Annotated[
    str, Text("secret-name/key", "database/password", _SUBDOMAIN + r"/(?!\.\.|\.$)[-._a-zA-Z0-9]+", 253)
]

Port = Annotated[int, Ge(1), Le(65535)]
Percent = Annotated[int, Ge(1), Le(100)]
Seconds = Annotated[int, Ge(1), Le(3600)]
Ownership = Literal["owned", "given"]

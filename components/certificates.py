"""Whether the certificates of Certificate Management Service cover the hosts that they are for, looked up at preview.

Refused is what is certain: a certificate that is there, and is for other names. Where none is found, or the account's
certificates cannot be read, a warning says so, as the provider may have asked another place than the ALB will. What is
in a TLS Secret is not looked at: it would bring the private key into the state.
"""

from collections.abc import Iterator, Mapping

import pulumi

from config import StackSettings
from config.checks.tls import covers
from config.errors import Problem
from config.exposure import TlsCertificate, TlsDiscovery
from config.stack import PROJECT

LOOK_UP = "alicloud:cas/getServiceCertificates:getServiceCertificates"
Names = tuple[str, ...]


def checked(settings: StackSettings, parent: pulumi.Resource) -> pulumi.Output[bool]:
    """True once no host has a certificate for other names.

    Args:
        settings: the stack's settings; where no Ingress names a certificate or has one discovered, nothing is asked.
        parent: the component whose provider is asked.
    """
    users = [service.ingress.tls for service in settings.services.values() if service.ingress is not None]
    if not any(isinstance(tls, TlsCertificate | TlsDiscovery) for tls in users):
        return pulumi.Output.from_input(True)  # noqa: FBT003 -- the SDK takes the value like this
    return pulumi.Output.from_input(_look_up(settings, parent))


async def _look_up(settings: StackSettings, parent: pulumi.Resource) -> bool:
    try:
        # By its token: the SDK's function warns of an argument that nobody gave. Never with `enableDetails`: it brings
        # the private keys.
        answer = await pulumi.runtime.invoke_async(LOOK_UP, {}, pulumi.InvokeOptions(parent=parent))
    except Exception as error:  # noqa: BLE001 -- the SDK raises Exception itself
        about = "the account's certificates cannot be read, so nothing says whether they cover their hosts"
        pulumi.log.warn(f"{about} (RAM action yundun-cert:ListUserCertificateOrder): {error}", parent)
        return True
    # The API leaves out what has expired or was revoked, and has what was bought and what was uploaded:
    # https://www.alibabacloud.com/help/en/ssl-certificate/developer-reference/api-cas-2020-04-07-listusercertificateorder
    known = {each["id"]: _names(each) for each in (answer or {}).get("certificates") or ()}
    problems = list(_others(settings, known))
    if problems:
        reports = "\n\n".join(map(str, problems))
        raise pulumi.RunError(f"A certificate is for other hosts.\n\n{reports}")
    for warning in _unknown(settings, known):
        pulumi.log.warn(warning, parent)
    return True


def _names(certificate: Mapping[str, str | None]) -> Names:
    stated = (certificate.get("common") or "", *(certificate.get("sans") or "").split(","))
    return tuple(dict.fromkeys(name.strip().lower() for name in stated if name.strip()))


def _number(certificate: str) -> str:
    """The id without the place where it is kept, ``-cn-hangzhou``: the API knows none."""
    return certificate.partition("-")[0]


def _others(settings: StackSettings, known: Mapping[str, Names]) -> Iterator[Problem]:
    """Hosts whose certificate is there and has names, but not theirs."""
    for name, tls, host in _hosts(settings):
        if isinstance(tls, TlsCertificate) and (names := known.get(_number(tls.id))) and not _covered(host, names):
            path = f"{PROJECT}:services.{name}.ingress.tls.id"
            rule = f"must be of a certificate for {host}: this one is for {', '.join(names)}"
            mend = f"the id of a certificate for *.{host.partition('.')[2]} or {host}"
            yield Problem(path, rule, mend, tls.id, file=f"Pulumi.{settings.stack}.yaml")


def _unknown(settings: StackSettings, known: Mapping[str, Names]) -> Iterator[str]:
    """What was not found, of which the ALB may be of another opinion."""
    for name, tls, host in _hosts(settings):
        path = f"services.{name}.ingress.tls"
        if isinstance(tls, TlsCertificate) and not known.get(_number(tls.id)):
            why = "it has expired, was deleted, or is another account's"
            yield f"{path}.id: {tls.id} is not among the account's valid certificates: {why}"
        elif isinstance(tls, TlsDiscovery) and not any(_covered(host, names) for names in known.values()):
            then = "the ALB Ingress Controller stops synchronising the whole AlbConfig where it finds none"
            yield f"{path}: no valid certificate of the account is for {host}; {then}"


def _hosts(settings: StackSettings) -> Iterator[tuple[str, object, str]]:
    for name, service in settings.services.items():
        host = settings.host(name)
        if service.ingress is not None and host is not None:
            yield name, service.ingress.tls, host


def _covered(host: str, names: Names) -> bool:
    return any(covers(pattern, host) for pattern in names)

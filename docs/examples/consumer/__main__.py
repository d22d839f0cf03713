"""Another team's program: it reads the platform's outputs, typed, and never copies a host by hand.

``pulumi config set platform organization/ack-platform/uat`` names the stack it reads.
The package ``contract`` is the folder of that name in ack-platform; put it on the Python path or vendor it.
"""

import pulumi

from contract.reference import PlatformRef

platform = PlatformRef(pulumi.Config().get("platform") or "organization/ack-platform/uat")
gateway = platform.service("gateway")

pulumi.export("probe", {"url": gateway.url, "via": platform.alb_dns_name})

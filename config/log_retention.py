"""Removal of old logs from the NAS: shipped suspended and dry-run."""

from typing import Annotated

from pydantic import Field

from config.model import Model
from config.scalars import CronSchedule, ImageReference, TimeZone

JOB_REQUESTS = {"cpu": "50m", "memory": "64Mi", "ephemeral-storage": "16Mi"}
"""What a run reserves: sh, find and curl."""
JOB_LIMITS = {"cpu": "500m", "memory": "128Mi", "ephemeral-storage": "64Mi"}
"""What a run may use."""
JOB_HISTORY = 3
"""Runs of each outcome that stay to be read."""
JOB_NAME = "log-retention"
"""The CronJob's name, and that of its ServiceAccount, Role and RoleBinding."""

Days = Annotated[int, Field(ge=1, le=3650)]


class LogRetention(Model):
    """A CronJob (定时任务) that removes archived logs, GC logs and heap dumps of pods that are gone.

    It never touches configuration files, live pods' files, or anything outside its allow-list of patterns.
    """

    image: ImageReference
    """An image with sh, find and curl."""
    schedule: CronSchedule = "30 3 * * *"
    """When it runs."""
    time_zone: TimeZone = "Asia/Shanghai"
    """The schedule's time zone."""
    suspend: bool = True
    """Shipped suspended: switch on after reading the dry run's report."""
    dry_run: bool = True
    """Only report what would be removed."""
    logs_days: Days = 14
    """Age at which archived logs and GC logs are removed."""
    dumps_days: Days = 30
    """Age at which heap dumps are removed."""
    keep_dumps: Annotated[int, Field(ge=0, le=100)] = 2
    """The newest dumps of each service that are kept whatever their age."""
    deadline_seconds: Annotated[int, Field(ge=60, le=7200)] = 1800
    """The longest run."""

"""Which image a service runs, and whether a change of it can be seen."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from config.model import Model
from config.scalars import ImageDigest, ImageRepository, ImageTag, PlainText

_MOVING = re.compile(r"latest|.*-latest|main|master|stable|dev|edge|nightly|snapshot|.*-SNAPSHOT")
_TAG_GRAMMAR = re.compile(
    r"(?P<profile>[a-z][a-z0-9]*)-(?P<version>\d[0-9A-Za-z.]*(?:-(?:SNAPSHOT|RELEASE|RC\d*|M\d*))?)"
    r"-(?P<commit>[0-9a-f]{7,40})-(?P<timestamp>\d{8}[T-]?\d{4,6})"
)


ADOPTED = "adopted"
"""The rollout token of an image that ran before the stack did."""


@dataclass(frozen=True)
class Build:
    """What a tag ``{profile}-{pom version}-{commit}-{timestamp}`` says."""

    profile: str
    """The Maven profile that the image was built for."""
    version: str
    """The version in the pom."""
    commit: str
    """The commit, 7 to 40 hexadecimal digits."""
    timestamp: str
    """When it was built."""

    @classmethod
    def of(cls, tag: str) -> "Build | None":
        """The build that a tag names; None for a tag of another form."""
        match = _TAG_GRAMMAR.fullmatch(tag)
        return None if match is None else cls(**match.groupdict())

    @property
    def moment(self) -> str:
        """The digits of the timestamp: the later build has the greater ones."""
        return re.sub(r"[^0-9]", "", self.timestamp)

    @property
    def time(self) -> datetime | None:
        """When it was built, the timestamp taken as UTC; None where it is no time."""
        try:
            return datetime.strptime(self.moment[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return None

    def same_commit(self, other: "Build") -> bool:
        """Whether both are of one version and commit; a commit may be cut shorter in one of them."""
        commits = self.commit.startswith(other.commit) or other.commit.startswith(self.commit)
        return self.version == other.version and commits


class Image(Model):
    """A digest, a unique tag, or a moving tag.

    A moving tag is resolved at each preview: the registry says which digest it names now, and the pods get that. With
    a rollout token it is not: the reference stays the same, and the pods roll when the token changes.
    """

    repository: ImageRepository | None = None
    """The repository; unset: ``{registry.repository}/{service}``."""
    tag: ImageTag | None = None
    """The tag; beside a digest it is only for people to read."""
    digest: ImageDigest | None = None
    """The digest; it decides."""
    rollout: PlainText | None = None
    """With a moving tag: change this text to roll the pods (it becomes an annotation of the pod template). ``adopted``
    makes no annotation: what runs already goes on."""

    @property
    def moves(self) -> bool:
        """Whether the tag may name another image tomorrow."""
        return self.digest is None and self.tag is not None and _MOVING.fullmatch(self.tag) is not None

    @property
    def is_resolved(self) -> bool:
        """Whether a preview asks the registry which image the tag names: it moves, and no ``rollout`` says when."""
        return self.moves and self.rollout is None

    @property
    def profile(self) -> str | None:
        """The profile of a tag ``{profile}-{pom version}-{commit}-{timestamp}`` or ``{profile}-latest``, else None."""
        if self.tag is None:
            return None
        if build := Build.of(self.tag):
            return build.profile
        return self.tag.removesuffix("-latest") if self.tag.endswith("-latest") else None

    def reference(self, repository: str) -> str:
        """The reference that pods get: ``repository:tag@digest`` with what is set."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository or repository}{tag}{digest}"

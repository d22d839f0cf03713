"""The names that make an environment what it is, and values without them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config import StackSettings


@dataclass(frozen=True)
class Environment:
    """The names of a stack's environment, the longest first, and what stands for each."""

    names: Mapping[str, str]

    @classmethod
    def of(cls, settings: StackSettings) -> Environment:
        """The names of a stack."""
        environment = settings.environment
        words = (
            environment.name,
            settings.stack,
            settings.namespace,
            settings.spring_profile,
            settings.image_profile,
            settings.nacos_namespace,
        )
        stands = {word: "{environment}" for word in words if word and word != "public"}
        if environment.host_suffix:
            stands[environment.host_suffix] = "{hostSuffix}"
        return cls({word: stands[word] for word in sorted(stands, key=len, reverse=True)})

    def neutral(self, value: object) -> object:
        """A plain value with the environment's names, where they stand as words, replaced; in texts and keys."""
        if isinstance(value, str):
            for word, stand in self.names.items():
                value = re.sub(rf"(?<![A-Za-z0-9]){re.escape(word)}(?![A-Za-z0-9])", stand, value)
            return value
        if isinstance(value, Mapping):
            return {self.neutral(key): self.neutral(each) for key, each in value.items()}
        return [self.neutral(each) for each in value] if isinstance(value, list | tuple) else value

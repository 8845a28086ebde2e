"""Errors by who must act; see the table in CONTRIBUTING.md."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from assistant.schema import ToolResult


@dataclass(frozen=True)
class Missing:
    """An argument that only the customer can give. `choices` are what there is; `item` says of which thing.

    `known` are arguments whose meaning was found before this one was missed.
    """

    argument: str
    choices: tuple[str, ...] = ()
    item: str | None = None
    known: Mapping[str, Any] = field(default_factory=dict)


class ToolError(Exception):
    """A tool cannot do what was asked. Its message is written for the model, which can act on it.

    `evidence` is what the tool learned while it tried, so that the reply may say why not; `missing` is what the
    customer can be asked for; `instead` names the tool that does the same where this one cannot.
    """

    def __init__(
        self,
        message: str,
        evidence: "ToolResult | None" = None,
        missing: Missing | None = None,
        instead: str | None = None,
    ) -> None:
        super().__init__(message)
        self.evidence = evidence
        self.missing = missing
        self.instead = instead

    def knowing(self, **arguments: Any) -> Self:
        """Add what was found out before: it needn't be asked for, nor found, again."""
        if self.missing is not None:
            self.missing = replace(self.missing, known={**self.missing.known, **arguments})
        return self


class Refused(ToolError, ABC):
    """What can't be done for a reason that code can tell the customer itself."""

    @abstractmethod
    def told(self, language: str) -> str:
        """Return what the customer is told: the reason, and what can be done instead."""


class NotSignedIn(ToolError):
    """A tool that needs to know the customer was called while nobody is signed in."""


class NotProven(ToolError):
    """What somebody gave to prove who they are fits no customer."""


class TurnStopped(Exception):
    """Nobody wants the turn any more: raised out of the model's work to whoever began the turn."""


class AssistantError(Exception):
    """Something that the shop's operator has to mend; ends the turn with a calm text."""


class SettingsError(AssistantError):
    """A setting is unknown or has a wrong value; names the valid ones."""


class ChatModelError(AssistantError):
    """The chat model cannot be loaded or did not answer."""


class RecordsError(AssistantError):
    """The shop's records cannot be read or written."""


class RulesError(AssistantError):
    """The shop's rules cannot be read; names the entry of `policy.toml`."""


class ConversationFileError(AssistantError):
    """A scripted conversation cannot be read; names the file and the word."""

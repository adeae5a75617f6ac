"""What can be wrong with a config file: one finding each, and the error that holds them all."""

from enum import Enum

import msgspec

Path = tuple[str | int, ...]
"""Keys and positions from the top of the file."""


class Severity(Enum):
    """Whether a finding keeps the file from going live."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong; its message says what to do."""

    code: str
    """Stable; ``FINDINGS`` lists them."""
    path: Path = ()
    message: str
    line: int = 0
    """Counted from 1; 0 when not known."""
    column: int = 0

    @property
    def severity(self) -> Severity:
        """Whether it keeps the file from going live."""
        return FINDINGS[self.code][0]

    @property
    def where(self) -> str:
        """The path as people write it."""
        return shown(self.path)

    @property
    def told(self) -> str:
        """The message behind its place, where it has one."""
        return f"{self.where}: {self.message}" if self.path else self.message


class ConfigError(Exception):
    """The config cannot be used; the findings say why, all of them."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        """Hold the findings."""
        self.findings = findings
        super().__init__("; ".join(each.told for each in self.errors))

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the file from going live."""
        return tuple(each for each in self.findings if each.severity is Severity.ERROR)


def shown(path: Path) -> str:
    """Return a path as people write it: ``rules[2].then.tier``."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{part}" if text else part
    return text or "(the file)"


_E, _W = Severity.ERROR, Severity.WARNING

FINDINGS: dict[str, tuple[Severity, str]] = {
    "not_text": (_E, "The file is not UTF-8 text."),
    "too_large": (_E, "The file is larger than 1 MB, too deep, or has too many values."),
    "bad_yaml": (_E, "The file is not YAML."),
    "duplicate_key": (_E, "A key stands twice in one place."),
    "unset_variable": (_E, "A ``${NAME}`` is not set in the environment, or empty."),
    "unknown_key": (_E, "There is no such setting."),
    "missing_key": (_E, "A setting that must be there is not."),
    "wrong_type": (_E, "A value is not of the kind that the setting takes."),
    "bad_id": (_E, "A name cannot be used in headers and on the command line."),
    "bad_url": (_E, "An address is not one that a request can be sent to."),
    "bad_header": (_E, "A header or a credential cannot be sent over HTTP."),
    "unknown_vendor": (_E, "A provider's vendor is none that is known."),
    "misplaced_setting": (_E, "A provider's setting means nothing for its service."),
    "bad_key_file": (_E, "A provider's key file cannot be read, or holds no key."),
    "bad_region": (_E, "A region is not written as AWS writes its own."),
    "missing_extra": (_E, "What a provider's service needs is not installed."),
    "unknown_provider": (_E, "A target's provider is not declared."),
    "unknown_target": (_E, "A target that is named is not declared."),
    "unknown_model": (_E, "A key may ask for a name that is neither alias nor target."),
    "no_targets": (_E, "The file declares nothing that can serve a call."),
    "missing_tier": (_E, "A model or agent does not say its tier."),
    "wrong_tier": (_E, "A tier is not one for this kind of target."),
    "cannot_embed": (_E, "A target should embed, and its provider's dialect has no way to."),
    "missing_price": (_E, "A model's price is neither written nor in the price list."),
    "wrong_dialect": (_E, "A target cannot be passed through to, by its provider's dialect."),
    "shared_account": (_W, "What one tenant leaves at a provider could be seen by another."),
    "unused_tenant": (_W, "Something is said of a tenant that no key has."),
    "budget_too_small": (_W, "A budget is smaller than what one call may cost."),
    "unpriced": (_W, "What is passed through has no price, and there are budgets in money."),
    "cyclic_fallback": (_E, "Targets fall back on each other in a circle."),
    "empty_alias": (_E, "No target can serve an alias."),
    "alias_is_target": (_E, "An alias has the name of a target."),
    "duplicate_name": (_E, "Two rules or two keys have one name."),
    "bad_condition": (_E, "A condition does not compile."),
    "unknown_variable": (_E, "A condition reads what does not exist."),
    "dynamic_metadata": (_E, "A condition reads metadata by a name that is not written out."),
    "never_matches": (_E, "A rule's condition can never hold."),
    "shadowed_rule": (_E, "An earlier rule always holds first."),
    "missing_tool": (_E, "A tool does not say its function, or something else says one."),
    "unknown_check": (_E, "Answers are to be checked for what there is no check for."),
    "unknown_function": (_E, "A function of a tool, or one that checks answers, does not exist."),
    "bad_pattern": (_E, "A pattern is not RE2, or its groups are not the schema's."),
    "bad_schema": (_E, "A tool's schema is not JSON Schema."),
    "missing_secret": (_E, "A key has no secret."),
    "duplicate_secret": (_E, "Two keys have one secret."),
    "open_to_network": (_E, "The server would listen beyond this machine without keys."),
    "unreachable_target": (_E, "No alias, rule or fallback leads to a target."),
    "empty_tier": (_W, "A tier has no targets."),
    "unmet_floor": (_W, "A tier's quality floor is above all its targets."),
    "tiers_not_rising": (_E, "A tier takes calls no harder than the tier below it."),
    "missing_value": (_E, "A strategy asks what an answer is worth, and nothing says it."),
    "unused_value": (_W, "What answers or seconds are worth is said, and no strategy asks."),
    "without_learning": (_W, "Something is said of chances, and none is learnt or chooses."),
    "missing_stand_in": (_W, "In observe mode an alias does not say whom it stands for."),
    "odd_address": (_W, "A provider's address is not its vendor's, or holds the endpoint."),
    "unused_provider": (_W, "No target lives at a provider."),
    "assumed_window": (_W, "A target's window is not known and was assumed."),
    "nothing_to_start_from": (_E, "There is neither a file nor a provider's variable."),
    "plain_http": (_W, "A credential would be sent unencrypted to another machine."),
}
"""Every code, how grave it is, and what it means."""

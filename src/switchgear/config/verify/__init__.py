"""Whether a config file makes sense: one check a subject, each in its own module."""

from collections.abc import Callable, Iterable

from switchgear.config.error import Finding
from switchgear.config.schema import File
from switchgear.config.target import resolve
from switchgear.config.verify.aws import check_aws
from switchgear.config.verify.choice import check_choice
from switchgear.config.verify.escalation import check_escalations
from switchgear.config.verify.google import check_google
from switchgear.config.verify.key import check_keys
from switchgear.config.verify.ledger import check_ledger
from switchgear.config.verify.passthrough import check_passthrough
from switchgear.config.verify.provider import check_providers
from switchgear.config.verify.reach import check_reach
from switchgear.config.verify.redis import check_redis
from switchgear.config.verify.reference import check_references
from switchgear.config.verify.rule import check_rules
from switchgear.config.verify.spending import check_spending
from switchgear.config.verify.subject import Subject
from switchgear.config.verify.target import check_targets
from switchgear.config.verify.task import check_tasks
from switchgear.config.verify.tier import check_tiers
from switchgear.config.verify.tool import check_tools
from switchgear.domain.units import UnixMs

CHECKS: tuple[Callable[[Subject], Iterable[Finding]], ...] = (
    check_providers,
    check_google,
    check_aws,
    check_targets,
    check_tools,
    check_tiers,
    check_references,
    check_rules,
    check_choice,
    check_escalations,
    check_reach,
    check_keys,
    check_passthrough,
    check_spending,
    check_tasks,
    check_redis,
    check_ledger,
)
"""All that is checked."""


def verify(file: File, at: UnixMs) -> list[Finding]:
    """Return everything that is wrong with a file of the right shape."""
    targets = {name: resolve(name, each, file, at) for name, each in file.targets.items()}
    subject = Subject(file=file, targets=targets)
    return [finding for check in CHECKS for finding in check(subject)]

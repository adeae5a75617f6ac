"""Whether what is said of chances, promises and worth can come to anything."""

from collections.abc import Iterator

from switchgear.config.error import Finding, Path
from switchgear.config.rule import AliasEntry, ThenEntry
from switchgear.config.schema import File
from switchgear.config.verify.subject import Subject, found
from switchgear.domain.decision import Strategy
from switchgear.domain.learning import Use

Said = AliasEntry | ThenEntry | File
OF_CHANCES = ("success_floor", "promise")
OF_WORTH = ("value_usd", "latency_usd_s")


def check_choice(subject: Subject) -> Iterator[Finding]:
    """Find worth that is asked for and not said, or said and not asked for; chances of nothing."""
    yield from _worth(subject)
    yield from _learning(subject)


def _places(subject: Subject) -> Iterator[tuple[Path, Said]]:
    yield (), subject.file
    for name, alias in subject.file.aliases.items():
        yield ("aliases", name), alias
    for at, rule in enumerate(subject.file.rules):
        yield ("rules", at, "then"), rule.then


def _worth(subject: Subject) -> Iterator[Finding]:
    aliases = subject.aliases.values()
    everywhere = all(subject.file.value_usd or each.value_usd for each in aliases)
    valued = False
    for path, said in _places(subject):
        if said.strategy is not Strategy.VALUE:
            continue
        valued = True
        inherited = subject.file.value_usd if isinstance(said, AliasEntry) else everywhere
        if not (said.value_usd or inherited):
            message = "value needs value_usd: what an answer that does is worth, above 0"
            yield found("missing_value", (*path, "strategy"), message)
    if not valued:
        yield from _unasked(subject)


def _unasked(subject: Subject) -> Iterator[Finding]:
    for path, said in _places(subject):
        for name in OF_WORTH:
            if getattr(said, name):
                message = "it counts only under strategy: value, and nothing has that"
                yield found("unused_value", (*path, name), message)


def _learning(subject: Subject) -> Iterator[Finding]:
    learning = subject.file.learning
    if learning.use is Use.OFF:
        for path, said in _places(subject):
            for name in OF_CHANCES:
                if getattr(said, name) is not None:
                    message = "no chance is ever known while learning.use is off"
                    yield found("without_learning", (*path, name), message)
    if learning.use is not Use.ON and learning.explore.daily_usd:
        message = f"nothing is explored while learning.use is {learning.use.value}"
        yield found("without_learning", ("learning", "explore"), message)

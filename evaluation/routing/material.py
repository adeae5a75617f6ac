"""All that is measured on, made once: tasks, and what is foreseen of each prompt out of fold."""

from functools import cached_property
from random import Random

from evaluation.routing.fold import Foreseen, Task, foreseen, task_of
from evaluation.routing.item import Item

from evaluation.routing import item, roster

PAIR = ("weak", "strong")
SEED = 3
HALVES, THIRDS, MANY = 2, 3, 3_000
"""Folds where there are many models, and prompts of eight: fitting takes minutes there."""


class Material:
    """What studies share."""

    def __init__(self, sample: int = 0, *, peers: bool = True) -> None:
        """Take so many prompts of each set, 0 for all; with what others say of them, or not."""
        self.sample = sample
        self.peers = peers

    @cached_property
    def gsm(self) -> Task:
        """RouteLLM's GSM8K."""
        return task_of(self._some(item.gsm8k_pair()), PAIR, labelled=False)

    @cached_property
    def gsm_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.gsm)

    @cached_property
    def pair(self) -> Task:
        """MMLU-Pro with two models, where nobody knows the category."""
        return task_of(self._mmlu(roster.MMLU_PAIR), roster.MMLU_PAIR, labelled=False)

    @cached_property
    def pair_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.pair)

    @cached_property
    def pair_grouped(self) -> Task:
        """The same where the category is known."""
        return task_of(self.pair.items, roster.MMLU_PAIR, labelled=True)

    @cached_property
    def pair_grouped_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.pair_grouped)

    @cached_property
    def mmlu(self) -> Task:
        """MMLU-Pro with eight models, category unknown; some of its questions."""
        found = self._mmlu(roster.MMLU)
        some = Random(SEED).sample(found, min(MANY, len(found)))
        return task_of(some, roster.MMLU, labelled=False)

    @cached_property
    def mmlu_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.mmlu, HALVES)

    @cached_property
    def mmlu_grouped(self) -> Task:
        """The same where the category is known."""
        return task_of(self.mmlu.items, roster.MMLU, labelled=True)

    @cached_property
    def mmlu_grouped_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.mmlu_grouped, HALVES)

    @cached_property
    def zero(self) -> Task:
        """ZeroEval with twelve models, task unknown."""
        found = self._some(item.zeroeval(roster.ZEROEVAL))
        return task_of(found, roster.ZEROEVAL, labelled=False)

    @cached_property
    def zero_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.zero, THIRDS)

    @cached_property
    def zero_grouped(self) -> Task:
        """The same where the task is known."""
        return task_of(self.zero.items, roster.ZEROEVAL, labelled=True)

    @cached_property
    def zero_grouped_said(self) -> Foreseen:
        """What is foreseen there."""
        return foreseen(self.zero_grouped, THIRDS)

    def _mmlu(self, models: tuple[str, ...]) -> list[Item]:
        return self._some(item.mmlu_pro(models))

    def _some(self, items: list[Item]) -> list[Item]:
        if not self.sample or len(items) <= self.sample:
            return items
        return Random(SEED).sample(items, self.sample)

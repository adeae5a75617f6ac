"""Decide again what was decided before, from what the ledger kept."""

import msgspec

from switchgear.domain.entry import Entry
from switchgear.domain.situation import Situation
from switchgear.engine.condition import compile_conditions
from switchgear.engine.decide import decide
from switchgear.engine.explain import Explanation, explain
from switchgear.engine.policydoc import decode_policy


def explained(entry: Entry, document: bytes | None) -> Explanation:
    """Explain one call, with the figures that deciding again gives.

    ``document`` is the policy that judged, as the ledger keeps it; None when it does not. One that
    this release cannot read any more counts as not kept.
    """
    try:
        policy = None if document is None else decode_policy(document)
    except msgspec.DecodeError:
        policy = None
    if policy is None or entry.ask is None or entry.decision is None:
        return explain(entry, policy, None)
    situation = entry.situation or Situation()
    again = decide(entry.ask, situation, policy, compile_conditions(policy.rules), entry.odds)
    return explain(entry, policy, again)

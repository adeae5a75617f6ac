"""Tools by which one agent hands over to another."""

from switchgear.engine.loop.argument import field_of

LONGEST_NAME = 64
PREFIXES = (
    *("transfer_to_", "transfer_back_to_", "handoff_to_", "hand_off_to_", "handoff_back_to_"),
    *("delegate_to_", "delegate_task_to_", "switch_to_agent_", "route_to_agent_", "assign_to_"),
)
"""Of names that say who takes over, as agent frameworks make them."""
TOOLS = frozenset({
    *("handoff", "hand_off", "handover", "transfer", "transfer_to_agent", "switch_agent"),
    *("delegate_work_to_coworker", "delegate_work_to_co_worker", "handoff_to_agent", "delegate"),
    *("ask_question_to_coworker", "ask_question_to_co_worker"),
})  # fmt: skip
"""Tools whose arguments say so."""
FIELDS = ("agent", "agent_name", "to", "target", "target_agent", "coworker", "recipient", "name")


def receiver_of(tool: str, arguments: str) -> str:
    """Return who takes over by this tool call; empty where it is no hand-off."""
    if not tool or tool[0] not in "tThHdDsSrRaA":
        return ""
    name = named(tool, LONGEST_NAME * 2)
    if name in TOOLS:
        return named(field_of(arguments, FIELDS))
    for prefix in PREFIXES:
        if name.startswith(prefix):
            return named(name[len(prefix) :])
    return ""


def named(agent: str, longest: int = LONGEST_NAME) -> str:
    """Return an agent's name as it is the same however it was written."""
    name = agent[:longest].strip().lower().replace(" ", "_").replace("-", "_")
    return name.removesuffix("_agent") or name

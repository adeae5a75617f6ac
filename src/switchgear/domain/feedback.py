"""The errors of what is said of decisions later."""

from switchgear.domain.errors import CallerError


class NothingToJudge(CallerError):
    """Nothing was decided in that call, so nothing can be said of it; the message says why."""

    code = "nothing_to_judge"
    status = 409


class TooManyOutcomes(CallerError):
    """As many outcomes as are kept of one decision are there already."""

    code = "too_many_outcomes"
    status = 409

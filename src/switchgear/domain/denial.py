"""The errors of keys, budgets, rates and the kill switch."""

from switchgear.domain.errors import CallerError, OwnFault, Refusal, UnknownKey, UpstreamError


class ExpiredKey(UnknownKey):
    """The key's time is over; whoever gave it can give a new one."""

    code = "expired_key"


class RevokedKey(UnknownKey):
    """The key was revoked, or one that it comes from is not good any more; ask for a new one."""

    code = "revoked_key"


class UnknownKeyId(CallerError):
    """No key of yours has that id."""

    code = "unknown_key_id"
    status = 404


class KeyConflict(CallerError):
    """The key is not in the state that this needs; the message says which it is in."""

    code = "key_conflict"
    status = 409


class OverBudget(Refusal):
    """A budget has not enough left for this call; the message names it, and when it is new."""

    code = "over_budget"
    status = 402


class Unpriced(Refusal):
    """What this would cost at most is not known, and the caller's budget is in money."""

    code = "unpriced"
    status = 402


class RateLimited(Refusal):
    """The caller's rate, or its number of calls at once, is used up for now."""

    code = "rate_limited"
    status = 429
    worth_retrying = True


class BeyondRate(Refusal):
    """The call alone is more than the caller's rate allows in a minute; send less at once."""

    code = "beyond_rate"
    status = 429


class Stopped(Refusal):
    """The owner has stopped this by the kill switch; sending it again does not help."""

    code = "stopped"
    status = 403


class TargetStopped(UpstreamError):
    """The owner has stopped that target by the kill switch, and no other could answer."""

    code = "target_stopped"
    status = 403
    worth_retrying = False
    blameless = True


class UnknownHalt(CallerError):
    """Nothing of that kind and name is stopped by you; GET /admin/halts lists what is."""

    code = "unknown_halt"
    status = 404


class HaltsUnknown(OwnFault):
    """The file of kill switches cannot be read or written; the message says why."""

    code = "halts_unknown"
    status = 503


class AdminShut(Refusal):
    """Without keys the admin plane stays shut; declare a key with rights: [admin]."""

    code = "admin_shut"
    status = 403


class WiderThanMaker(Refusal):
    """A key may only make keys that may do no more than itself; the message says what is more."""

    code = "wider_than_maker"
    status = 403

"""The one error tree. The first split is whose fault it is.

The message of an error is for whoever called: what happened, and what to do next. It never holds
a credential, a body or another tenant's data.
"""

from typing import ClassVar

from switchgear.domain.units import Seconds


class SwitchgearError(Exception):
    """Root of the tree; raise a leaf, never this."""

    code: ClassVar[str]
    """Stable, and documented in docs/reference/errors.md."""
    status: int
    """The HTTP status that a surface shows."""
    worth_retrying: ClassVar[bool] = False
    """Whether the caller may send the same call again; False becomes ``x-should-retry: false``."""
    retry_after: Seconds | None = None
    """How long the caller should wait first, where that is known."""

    @property
    def message(self) -> str:
        """What happened and what to do next; the class's own sentence if none was given."""
        return str(self) or (type(self).__doc__ or "").partition("\n")[0]


class CallerError(SwitchgearError):
    """The caller sent something wrong and can put it right."""


class Refusal(SwitchgearError):
    """The call is well formed; a rule of ours says no."""


class UpstreamError(SwitchgearError):
    """A target failed us.

    ``another`` says whether another target may be tried; ``again`` whether the same target may.
    Neither is ever so once content has been seen.
    """

    another: ClassVar[bool] = True
    again: ClassVar[bool] = False
    worth_retrying = True
    provider_status: int = 0
    """The target's own HTTP status; 0 when there was none."""
    late: bool = False
    """A time of ours was up: while our own loop lags, that says nothing about the target."""
    blameless: bool = False
    """It came of a limit of ours, and says nothing about the target at all."""


class OwnFault(SwitchgearError):
    """We failed."""

    worth_retrying = True


class MalformedBody(CallerError):
    """The body is not what the endpoint takes; the message says where."""

    code = "malformed_body"
    status = 400


class MalformedRequest(CallerError):
    """The HTTP request itself breaks a rule: Host, lengths, framing."""

    code = "malformed_request"
    status = 400


class ConflictingCredentials(CallerError):
    """Two credential headers hold different keys; send one."""

    code = "conflicting_credentials"
    status = 400


class IdempotencyMismatch(CallerError):
    """That idempotency-key came with another body before; send a new key with a new request."""

    code = "idempotency_mismatch"
    status = 400


class UnknownKey(CallerError):
    """No API key that is known here came; send it as Authorization: Bearer, or as x-api-key."""

    code = "unknown_key"
    status = 401


class UnknownModel(CallerError):
    """Nothing here goes by that model name; GET /v1/models lists what does."""

    code = "unknown_model"
    status = 404


class PreviousNotFound(CallerError):
    """No answer with that id is kept here for this key; send the whole conversation instead."""

    code = "previous_response_not_found"
    status = 400


class ThreadUnsupported(CallerError):
    """Threads that a provider keeps are not carried on here; send the whole conversation."""

    code = "thread_unsupported"
    status = 400


class UnknownAnswer(CallerError):
    """No answer with that id is kept here for this key."""

    code = "response_not_found"
    status = 404


class UnknownPath(CallerError):
    """There is no such endpoint."""

    code = "unknown_path"
    status = 404


class UnknownDecision(CallerError):
    """No decision of yours has that id; ids are in the x-switchgear-decision header."""

    code = "unknown_decision"
    status = 404


class NotPassed(CallerError):
    """Nothing is passed through there; the message says what to write in the config."""

    code = "not_passed_through"
    status = 404


class WrongMethod(CallerError):
    """The endpoint exists, but not for this HTTP method."""

    code = "wrong_method"
    status = 405


class TooSlow(CallerError):
    """The request did not arrive within its time."""

    code = "request_too_slow"
    status = 408


class BodyTooLarge(CallerError):
    """The body is larger than the limit."""

    code = "body_too_large"
    status = 413


class HeadersTooLarge(CallerError):
    """The headers are larger, or more, than the limit."""

    code = "headers_too_large"
    status = 431


class WrongMediaType(CallerError):
    """The body must be plain JSON: content-type application/json, and not compressed."""

    code = "wrong_media_type"
    status = 415


class NothingFits(CallerError):
    """No target here can ever serve this call; the message says what was missing."""

    code = "nothing_fits"
    status = 400


class NotAllowed(Refusal):
    """The key is known, but may not do this."""

    code = "not_allowed"
    status = 403


class NoTarget(Refusal):
    """No target may serve this call now; the decision says why, target by target."""

    code = "no_target"
    status = 503
    worth_retrying = True


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, so nothing was sent."""

    code = "upstream_unreachable"
    status = 502
    again = True


class UpstreamLost(UpstreamError):
    """The connection broke before the answer's end."""

    code = "upstream_lost"
    status = 502
    again = True


class UpstreamSilent(UpstreamError):
    """The target said nothing for longer than we wait."""

    code = "upstream_silent"
    status = 504
    late = True


class OutOfTime(UpstreamError):
    """The time that the caller gave was up before a target had answered."""

    code = "out_of_time"
    status = 504
    another = False


class HedgeLost(UpstreamError):
    """Another attempt at the same call answered first; on the ledger only."""

    code = "hedge_lost"
    status = 502
    another = False


class UpstreamGarbled(UpstreamError):
    """The target sent what its own format does not allow."""

    code = "upstream_garbled"
    status = 502


class UpstreamFailed(UpstreamError):
    """The target answered with a server error, or with one that passes (408, 409, 425)."""

    code = "upstream_failed"
    status = 502
    again = True


class UpstreamBusy(UpstreamError):
    """The target has no room for us now (429)."""

    code = "upstream_busy"
    status = 429


class UpstreamDenied(UpstreamError):
    """The target refused our credential, quota or model: the owner's to mend (401 to 404)."""

    code = "upstream_denied"
    status = 502


class ContextTooLong(UpstreamError):
    """The input does not fit the target's window; only a larger one can help."""

    code = "context_too_long"
    status = 400
    worth_retrying = False


class UpstreamForgot(UpstreamError):
    """The target no longer holds the answer that the call goes on from; it is told all again."""

    code = "upstream_forgot"
    status = 400
    worth_retrying = False


class UpstreamRejected(UpstreamError):
    """The target says that the call itself is wrong (another 4xx); its reason is in the message."""

    code = "upstream_rejected"
    status = 400
    another = False
    worth_retrying = False


class ContentFiltered(UpstreamRejected):
    """The target's safety filter refused the call; other targets are not tried for that."""

    code = "content_filtered"


class LedgerDown(OwnFault):
    """The record of the call could not be kept, so its answer was not completed."""

    code = "ledger_down"
    status = 503


class Draining(OwnFault):
    """The server is shutting down; send the call again, another one will take it."""

    code = "draining"
    status = 503
    retry_after = Seconds(1.0)


class Overloaded(OwnFault):
    """As many calls are under way as the server, or its targets, take."""

    code = "overloaded"
    status = 503
    retry_after = Seconds(1.0)


class Broken(OwnFault):
    """Something here is broken; the decision id finds it in the log."""

    code = "own_fault"
    status = 500


class ReplyClosed(OwnFault):
    """A reply was read after it was closed or had failed; what came is not the whole answer."""

    code = "reply_closed"
    status = 500

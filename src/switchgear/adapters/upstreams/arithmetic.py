"""Works out an expression in decimal numbers; it reads the text itself and runs no code."""

import re
from decimal import (
    Context,
    Decimal,
    DecimalException,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)

MAX_LENGTH = 500
"""Characters of an expression."""
MAX_DEPTH = 40
"""Brackets, signs and powers within one another."""
MAX_EXPONENT = 1000
PRECISION = 50
"""Significant digits of every step: all that a number in the expression may have, too."""
PLAIN = 60
"""Results longer than this are written with an exponent."""

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)|(?P<sign>\*\*|[-+*/%()]))"
)
_TRAPS = [DivisionByZero, InvalidOperation, Overflow]


def work_out(expression: str) -> str:
    """Return the value of ``+ - * / % **``, brackets and signs, as decimal text.

    A power binds tighter than a sign before it, and to the right; ``%`` has the sign of its
    left side.

    Raises:
        ValueError: it is no such expression, or has no value; the message says which.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError(f"the expression is longer than {MAX_LENGTH} characters")
    try:
        return _plain(_Reader(_tokens(expression)).read())
    except (DivisionByZero, ZeroDivisionError):
        raise ValueError("division by zero") from None
    except Overflow:
        raise ValueError("the result is too large") from None
    except DecimalException:
        raise ValueError("the expression has no value") from None


def _tokens(expression: str) -> list[str]:
    tokens, at, text = [], 0, expression.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise ValueError(f"the expression has something else than a number or sign at {at}")
        if len(match[0].strip()) > PRECISION:
            raise ValueError(f"a number has more than {PRECISION} digits")
        tokens.append(match[0].strip())
        at = match.end()
    return tokens


class _Reader:
    """Reads tokens from left to right, one method a level of precedence."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = [*tokens, ""]
        self._at = 0
        self._depth = 0
        self._context = Context(prec=PRECISION, Emax=9_999, Emin=-9_999, traps=_TRAPS)

    def read(self) -> Decimal:
        value = self._sum()
        if self._tokens[self._at]:
            raise ValueError("the expression goes on after its end")
        return value

    def _next(self, *signs: str) -> str:
        """Return the next token and pass it, if it is one of these signs."""
        token = self._tokens[self._at]
        if token in signs:
            self._at += 1
            return token
        return ""

    def _sum(self) -> Decimal:
        value = self._product()
        while sign := self._next("+", "-"):
            right = self._product()
            act = self._context.add if sign == "+" else self._context.subtract
            value = act(value, right)
        return value

    def _product(self) -> Decimal:
        value = self._signed()
        while sign := self._next("*", "/", "%"):
            right = self._signed()
            if sign != "*" and not right:
                raise ZeroDivisionError
            act = {
                "*": self._context.multiply,
                "/": self._context.divide,
                "%": self._context.remainder,
            }[sign]
            value = act(value, right)
        return value

    def _signed(self) -> Decimal:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"the expression is nested deeper than {MAX_DEPTH}")
        sign = self._next("-", "+")
        value = self._signed() if sign else self._power()
        self._depth -= 1
        return self._context.minus(value) if sign == "-" else value

    def _power(self) -> Decimal:
        value = self._atom()
        if not self._next("**"):
            return value
        exponent = self._signed()
        if abs(exponent) > MAX_EXPONENT:
            raise ValueError(f"an exponent is larger than {MAX_EXPONENT}")
        if not value and exponent < 0:
            raise ZeroDivisionError
        return self._context.power(value, exponent)

    def _atom(self) -> Decimal:
        if self._next("("):
            value = self._sum()
            if not self._next(")"):
                raise ValueError("a bracket is not closed")
            return value
        token = self._tokens[self._at]
        if not token or not (token[0].isdigit() or token[0] == "."):
            raise ValueError("a number is missing")
        self._at += 1
        return self._context.create_decimal(token)


def _plain(value: Decimal) -> str:
    if not value:
        return "0"
    short = value.normalize(Context(prec=PRECISION))
    digits = abs(short.adjusted()) + len(short.as_tuple().digits)
    return format(short, "f") if digits <= PLAIN else str(short)

"""What can be wrong, as facts; each carries a sentence for the person who must act.

HubError
 ├─ Malformed          400  the request cannot be read or names what does not exist in the standard
 ├─ NotSignedIn        401  the token is none of ours
 ├─ Forbidden          403  the role may not do this
 ├─ NotFound           404  missing, or not the caller's: the same bytes
 ├─ NotAllowed         405  the path is known, the method is not
 ├─ RuleBroken         409  a business rule or the resource's state forbids it
 ├─ ChangedMeanwhile   409  the version the caller saw is not the current one
 ├─ WrongMediaType     415  the body is not JSON
 ├─ KeyReused          422  an Idempotency-Key came back with another body
 ├─ ConditionMissing   428  the change needs an If-Match
 └─ Busy               503  try again: a service behind us is throttled or away

The number belongs to HTTP and is given in `http.py` alone.
"""

from typing import Any


class HubError(Exception):
    """A sentence, a stable code from `docs/errors.md`, and details as data."""

    code = "error"

    def __init__(self, sentence: str, *, code: str | None = None, **details: Any) -> None:
        super().__init__(sentence)
        self.sentence, self.details = sentence, details
        self.code = code or type(self).code


class Malformed(HubError):
    code = "malformed"


class NotSignedIn(HubError):
    code = "notSignedIn"


class Forbidden(HubError):
    code = "forbidden"


class NotFound(HubError):
    code = "notFound"

    def __init__(self, kind: str) -> None:
        """Says only the kind: what is missing and what is another's must look the same."""
        super().__init__(f"There is no such {kind}.")


class NotAllowed(HubError):
    code = "methodNotAllowed"

    def __init__(self, allowed: list[str]) -> None:
        super().__init__(f"This path answers only to {', '.join(allowed)}.", allow=allowed)


class RuleBroken(HubError):
    code = "ruleBroken"


class ChangedMeanwhile(HubError):
    code = "changedMeanwhile"


class WrongMediaType(HubError):
    code = "wrongMediaType"


class KeyReused(HubError):
    code = "keyReused"


class ConditionMissing(HubError):
    code = "conditionMissing"


class Busy(HubError):
    code = "busy"

"""Names of the facts that correspondence records."""

LETTER_COMPOSED = "letter.composed"
LETTER_SUBMITTED = "letter.submitted"
LETTER_RETURNED = "letter.returned"
LETTER_APPROVED = "letter.approved"
LETTER_DISPATCHED = "letter.dispatched"
LETTER_SEALED = "letter.sealed"

"""Sheets of tasks, XLSX and CSV, as files: read with limits on whatever a file may claim, and the template to fill in.

What a row means is not decided here. Nothing in a CSV is a formula: what begins like one has an apostrophe in front, as
OWASP advises, which is taken away where it is read.
"""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV Injection), the last four in full width."""


def guarded(text: str) -> str:
    """The text as CSV has it, with an apostrophe in front where a program would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def bare(text: str) -> str:
    """The text that a cell of CSV stands for: `guarded` taken back."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text

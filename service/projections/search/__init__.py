"""Where does it say so? Texts of all things by words of any two characters: rows, and how they are asked for.

`rows` is the table, which follows the log; `asked` the question, tier by tier; `found` what a hit is.
"""

from service.projections.search.asked import Filter, Place, ask, cursor, place, tables
from service.projections.search.found import Found, Hit, TierTold
from service.projections.search.rows import SEARCH

__all__ = ["SEARCH", "Filter", "Found", "Hit", "Place", "TierTold", "ask", "cursor", "place", "tables"]

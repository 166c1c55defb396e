"""Who met and signed with whom, how often? Memberships, which follow the log, and the pairs that are counted of them.

`rows` is the table; `asked` the question; `counted` keeps what took long to count.
"""

from service.projections.network.asked import Filter, Order, Pair, place, tables
from service.projections.network.counted import Counts
from service.projections.network.rows import NETWORK

__all__ = ["NETWORK", "Counts", "Filter", "Order", "Pair", "place", "tables"]

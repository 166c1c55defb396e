"""The projections that are advanced in the append itself, in the order in which their tables are written."""

from service.projections import Projection
from service.projections.agreements import AGREEMENTS
from service.projections.citations import CITATIONS
from service.projections.signings import SIGNINGS
from service.projections.states import STATES

INLINE: tuple[Projection, ...] = (STATES, AGREEMENTS, SIGNINGS, CITATIONS)

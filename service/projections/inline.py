"""The projections that are advanced in the append itself."""

from service.projections import Projection
from service.projections.agreements import AGREEMENTS
from service.projections.citations import CITATIONS
from service.projections.documents import DOCUMENTS
from service.projections.identifiers import IDENTIFIERS
from service.projections.kinds import KINDS
from service.projections.members import MEMBERS
from service.projections.parties import PARTIES
from service.projections.signings import SIGNINGS
from service.projections.states import STATES

INLINE: tuple[Projection, ...] = (
    STATES,
    AGREEMENTS,
    KINDS,
    PARTIES,
    DOCUMENTS,
    SIGNINGS,
    MEMBERS,
    IDENTIFIERS,
    CITATIONS,
)

PROJECTIONS: tuple[Projection, ...] = INLINE
"""Every projection that has a table: what is made at the start, rebuilt, and verified."""

"""The projections that are advanced in the append itself."""

from service.projections import Projection
from service.projections.agreements import AGREEMENTS
from service.projections.assigned import ASSIGNED
from service.projections.bases import BASES
from service.projections.citations import CITATIONS
from service.projections.discrepancies import CLAIMS, DISCREPANCIES
from service.projections.documents import DOCUMENTS
from service.projections.figures import FIGURES
from service.projections.identifiers import IDENTIFIERS
from service.projections.involved import INVOLVED
from service.projections.kinds import KINDS
from service.projections.links import LINKS
from service.projections.meetings import MEETINGS
from service.projections.members import MEMBERS
from service.projections.names import NAMES
from service.projections.owed import COMMITMENTS, OWED
from service.projections.parties import PARTIES
from service.projections.plans import PLANS
from service.projections.projects import PROJECTS
from service.projections.signings import SIGNINGS
from service.projections.statements import STATEMENTS
from service.projections.states import STATES
from service.projections.successions import SUCCESSIONS
from service.projections.tasks import TASKS
from service.projections.thresholds import THRESHOLDS
from service.projections.uncertain import UNCERTAIN

INLINE: tuple[Projection, ...] = (
    STATES,
    AGREEMENTS,
    KINDS,
    PARTIES,
    NAMES,
    DOCUMENTS,
    MEETINGS,
    STATEMENTS,
    PLANS,
    TASKS,
    PROJECTS,
    DISCREPANCIES,
    CLAIMS,
    FIGURES,
    SIGNINGS,
    LINKS,
    INVOLVED,
    ASSIGNED,
    BASES,
    THRESHOLDS,
    MEMBERS,
    SUCCESSIONS,
    IDENTIFIERS,
    CITATIONS,
    UNCERTAIN,
    COMMITMENTS,
    OWED,
)

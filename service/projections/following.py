"""The projections that follow the log, each with its own position; and with the inline ones, all that there are."""

from service.projections import Table
from service.projections.agreements import AGREEMENTS
from service.projections.assigned import ASSIGNED
from service.projections.bases import BASES
from service.projections.bitemporal import Bitemporal, known
from service.projections.citations import CITATIONS_KNOWN
from service.projections.cited import CITED
from service.projections.discrepancies import CLAIMS, DISCREPANCIES
from service.projections.documents import DOCUMENTS
from service.projections.figures import FIGURES
from service.projections.identifiers import IDENTIFIERS
from service.projections.inline import INLINE
from service.projections.involved import INVOLVED
from service.projections.kinds import KINDS_KNOWN
from service.projections.links import LINKS
from service.projections.meetings import MEETINGS
from service.projections.members import MEMBERS
from service.projections.names import NAMES
from service.projections.network import NETWORK
from service.projections.owed import COMMITMENTS, OWED
from service.projections.parties import PARTIES
from service.projections.pipeline.rows import PIPELINES
from service.projections.plans import PLANS
from service.projections.projects import PROJECTS
from service.projections.search import SEARCH
from service.projections.signings import SIGNINGS
from service.projections.statements import STATEMENTS
from service.projections.successions import SUCCESSIONS
from service.projections.tasks import PAST, TASKS
from service.projections.thresholds import THRESHOLDS
from service.projections.uncertain import UNCERTAIN_KNOWN

FOLLOWING: tuple[Bitemporal, ...] = (
    known(AGREEMENTS),
    KINDS_KNOWN,
    known(PARTIES),
    known(NAMES),
    known(DOCUMENTS),
    known(MEETINGS),
    known(STATEMENTS),
    known(PLANS),
    known(TASKS, PAST),
    known(PROJECTS),
    known(DISCREPANCIES),
    known(CLAIMS),
    known(FIGURES),
    known(SIGNINGS),
    known(LINKS),
    known(INVOLVED),
    known(ASSIGNED),
    known(BASES),
    known(THRESHOLDS),
    known(MEMBERS),
    known(SUCCESSIONS),
    known(IDENTIFIERS),
    CITATIONS_KNOWN,
    CITED,
    UNCERTAIN_KNOWN,
    NETWORK,
    *PIPELINES,
    SEARCH,
    known(COMMITMENTS),
    known(OWED),
)

PROJECTIONS: tuple[Table, ...] = (*INLINE, *FOLLOWING)
"""Every projection that has a table: what is rebuilt and verified."""

"""The projections that are advanced in the append itself, in the order that the statement names them."""

from service.projections.states import STATES

INLINE = (STATES,)

"""The answer to an idempotency key that is known: made again from the log, as it was given the first time."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from service.domain.decider import Decider, Recorded, Ref
from service.domain.folding import Folded, advance, fold
from service.registry.orders import Answer, Done


def again(
    deciders: Mapping[str, Decider[Any]],
    answers: Sequence[Answer],
    histories: Mapping[Ref, Sequence[Recorded]],
    today: date,
) -> list[Done]:
    """The outcomes of orders that were carried out together, each from its stream as it was after it.

    `histories` are the streams' records from the first one on. Of several orders on one stream each one's state goes on
    from the last one's: a transaction may have hundreds.
    """
    states: dict[Ref, Folded[Any]] = {}

    def outcome(answer: Answer) -> Done:
        ref, decider = Ref(answer.category, answer.id), deciders[answer.category]
        history, state = histories[ref][: answer.after], states.get(ref)
        events = history[answer.before :]
        if state is not None and state.version != answer.before:
            state = None  # Of what is told beside an order its own stream may have been told already, as it was later.
        for record in events if state is not None else ():
            state = state and advance(decider, state, record, today)
        states[ref] = state = state or fold(decider, history, today)
        return Done(
            ref=ref,
            version=answer.after,
            sequence=answer.sequence,
            part=answer.part,
            events=tuple(events),
            folded=state,
            created=answer.created,
            also=tuple(map(outcome, answer.also)),
        )

    return [outcome(answer) for answer in answers]

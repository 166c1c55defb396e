"""What is written in a sheet for an item or a target of the plan."""

from service.domain.plan.state import Plan, asks


def places(plan: Plan) -> dict[str, tuple[str, ...]]:
    """The items and targets that stand in a plan, by all that may be written for one: its label, its heading, both."""
    found: dict[str, list[str]] = {}
    for item in plan.items.values():
        if asks(plan, item):
            for words in {place(plan, f"items/{item.id}"), item.label, item.heading, f"items/{item.id}"} - {None, ""}:
                found.setdefault(" ".join((words or "").split()), []).append(f"items/{item.id}")
    for target in plan.targets.values():
        if asks(plan, target):
            for words in {place(plan, f"targets/{target.id}"), target.metric, f"targets/{target.id}"} - {None, ""}:
                found.setdefault(" ".join((words or "").split()), []).append(f"targets/{target.id}")
    return {words: tuple(parts) for words, parts in found.items()}


def place(plan: Plan, part: str) -> str:
    """What is written for an item or a target of the plan; empty for one that it has not."""
    sort, _, id = part.partition("/")
    if sort == "items" and (item := plan.items.get(id)) is not None:
        return " ".join(filter(None, (item.label, item.heading or (item.text or "")[:60]))).replace("\n", " ")
    if sort == "targets" and (target := plan.targets.get(id)) is not None:
        return ((target.text or "")[:60] or target.metric or "").replace("\n", " ")
    return ""

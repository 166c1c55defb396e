"""Which organisations a person in the seeds is of: one rule for all files, as the first one's head says."""

from service import seeding
from service.config import room
from service.domain.party.bodies import SeeOfficeHolder
from service.domain.values import Person


def test_a_person_is_of_each_body_that_the_title_names_an_office_in() -> None:
    """Of all that the same file sees the person in office of, and of none where the office was given up."""
    several: dict[str, int] = {}
    for path in sorted(room("seeds").glob("*.toml")):
        wishes = seeding.load(path).wishes
        offices: dict[str, set[object]] = {}
        for wish in wishes:
            if isinstance(wish.command, SeeOfficeHolder) and wish.command.standing == "current":
                offices.setdefault(wish.command.person.name.meant, set()).add(wish.ref.id)
        for wish in wishes:
            person = getattr(wish.command, "person", None) or getattr(wish.command, "representative", None)
            if isinstance(person, Person) and not isinstance(wish.command, SeeOfficeHolder):
                assert set(person.organisations) == offices[person.name.meant], wish.where
                several[person.name.meant] = len(person.organisations)
    assert {name for name, count in several.items() if count == 2} == {
        *("王敏", "杨鲁豫", "苏树伟", "林峰海", "王忠林", "李希信"),
        *("徐景颜", "宋军继", "文献军", "王书坚", "孙立成", "孙述涛"),
    }
    assert {name for name in ("魏传忠", "刘玉兰") if several[name] == 1} == {"魏传忠", "刘玉兰"}

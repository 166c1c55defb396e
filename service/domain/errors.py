"""Everything that the domain and the registry refuse, in one tree.

A class's docstring is its message; `{names}` in it are filled from the facts that the raiser gives. `zh` is the same in
Chinese. Which HTTP status a branch has is known to `service/api/problems.py` alone.
"""

from collections.abc import Sequence
from typing import ClassVar, Literal


class Refused(Exception):
    """The command was refused."""

    zh: ClassVar[str] = "命令被拒绝。"

    def __init__(self, pointer: str | None = None, **facts: object) -> None:
        """`pointer` is an RFC 6901 JSON Pointer into the command; `facts` fill the message."""
        self.pointer = pointer
        self.facts = facts
        super().__init__(self.message("en"))

    def under(self, pointer: str) -> "Refused":
        """The same refusal of a thing that stands inside another, at `pointer`."""
        self.pointer = pointer + (self.pointer or "")
        return self

    def template(self, language: str) -> str:
        """The message in `en` or `zh`, without the facts."""
        return self.zh if language == "zh" else (type(self).__doc__ or "")

    def message(self, language: str) -> str:
        """The message in `en` or `zh`."""
        return self.template(language).format(**self.facts)

    def __str__(self) -> str:
        """The message in English."""
        return self.message("en")


# --- The command is wrong in itself, or names what does not exist -----------------------------------------------------


class Invalid(Refused):
    """{problem}"""

    zh = "{problem}"


class UnknownReference(Invalid):
    """{subject} is not registered. Register it first, or name one that is."""

    zh = "{subject} 尚未登记。请先登记,或改用已登记的对象。"


class UnknownPart(Invalid):
    """There is no {part} in {subject}."""

    zh = "{subject} 中没有 {part}。"


class WrongKind(Invalid):
    """{subject} stands under {kind}; what is needed here stands under {wanted}."""

    zh = "{subject} 属于 {kind};此处需要的是 {wanted} 之一。"


class Unnamed(Invalid):
    """Say in `{field}` who did it, or cite the words of a source that tells it."""

    zh = "请以 {field} 写明由谁所为,或引用所载的原文。"


class CitationOutside(Invalid):
    """This ends at {end}, but the text of {subject} has {length} code points."""

    zh = "此段止于 {end},而 {subject} 的文本只有 {length} 个字符。"


class CitationHash(Invalid):
    """The sha256 is not that of the code points {start} to {end} of {subject}; they hash to {actual}."""

    zh = "sha256 与 {subject} 第 {start} 至 {end} 个字符不符;其散列为 {actual}。"


class CitationIncomplete(Invalid):
    """A citation of {subject} by offsets needs the sha256 of the slice, since the text is not held here."""

    zh = "本处未存 {subject} 的文本,按位置引用须给出所引片段的 sha256。"


class NoText(Invalid):
    """{subject} has no captured text to cite by offsets or to divide; use a locator."""

    zh = "{subject} 没有登记文本,不能按位置引用或分段;请用 locator。"


class TextNotHeld(Invalid):
    """The text of {subject} is not held here, so a quote cannot be found in it: cite start, end and sha256."""

    zh = "本处未存 {subject} 的文本,无法按引语查找;请给出 start、end 和 sha256。"


class VersionNotHeld(Invalid):
    """The text of {subject} is not held here, so no version of it is at hand: cite the captured text by its hash."""

    zh = "本处未存 {subject} 的文本,无法按其他版本引用:请按登记的文本引用并给出散列。"


class NothingToDerive(Invalid):
    """The text of {subject} is not held here, so nothing derives from it: hold it, or record a version by its hash."""

    zh = "本处未存 {subject} 的文本,无从生成其他版本:请先存入文本,或以散列登记该版本。"


class NotMadeAgain(Invalid):
    """The words of version {version} of {subject} cannot be made again here: {tool} made them otherwise."""

    zh = "{subject} 的版本 {version} 不能在此重新生成:它由 {tool} 以另一方式生成。"


class UnknownTextVersion(Invalid):
    """{subject} has no text, or no version of it that is called {version}."""

    zh = "{subject} 没有文本,或其文本没有名为 {version} 的版本。"


class QuoteNotFound(Invalid):
    """The quote does not occur in {subject}{times}."""

    zh = "引语在 {subject} 中没有出现{times}。"


class QuoteAmbiguous(Invalid):
    """The quote occurs {count} times in {subject}: say which by occurrence."""

    zh = "引语在 {subject} 中出现 {count} 次:请用 occurrence 指明是第几次。"


class TextMismatch(Invalid):
    """The text hashes to {actual}; {subject} is registered with {expected}."""

    zh = "文本的散列为 {actual},而 {subject} 登记的是 {expected}。"


class LineTooLong(Invalid):
    """The event would be a line of {size} bytes; a line holds at most {limit}. Divide the fact."""

    zh = "事件将成为 {size} 字节的一行,而一行最多 {limit} 字节。请拆分该事实。"


class Unreadable(Invalid):
    """The event {type} could not be read back from the log: {problem}."""

    zh = "事件 {type} 写入日志后将无法读出:{problem}。"


class CorrectionUnknown(Invalid):
    """{subject} has no event with sequence {sequence} to correct."""

    zh = "{subject} 没有序号为 {sequence} 的事件可供更正。"


class CorrectionKind(Invalid):
    """Event {sequence} is a {type}; only the same can stand in its place."""

    zh = "事件 {sequence} 的类型是 {type};只能由同类事件代替。"


class CorrectionPart(Invalid):
    """A correction of event {sequence} is about {part} as it was. Void that event, and record the other anew."""

    zh = "对事件 {sequence} 的更正仍须针对 {part}。请作废该事件,另行登记。"


class CorrectionFixed(Invalid):
    """Other records rest on the {field} of event {sequence}: it cannot be corrected. Register what differs anew."""

    zh = "事件 {sequence} 的 {field} 为其他记录所依据,不能更正。请将不同者另行登记。"


class UnknownVersion(Invalid):
    """{subject} has {count} versions: there is no version {version}."""

    zh = "{subject} 共有 {count} 个版本,没有版本 {version}。"


class KeyReused(Invalid):
    """This idempotency key was used for another request. Use a new key for a new request."""

    zh = "该幂等键已用于另一请求。新的请求请用新的键。"


class BadCursor(Invalid):
    """The cursor is none of this list in this sort with these filters. Start again without one."""

    zh = "该游标不属于此列表的这一排序与筛选。请不带游标重新开始。"


class InCell(Invalid):
    """Sheet {sheet}, row {row}, column {column} ({header}): {problem}"""

    zh = "工作表“{sheet}”第{row}行{column}列({header}):{problem}"


class SheetRefused(Invalid):
    """{count} mistakes in the sheet: nothing of it was recorded. Each is told by its cell."""

    zh = "表格中有 {count} 处错误,未作任何登记。各处以单元格指明。"

    def __init__(self, wrong: Sequence[Refused]) -> None:
        """`wrong` are the mistakes, each pointing to its cell as `sheet!cell`."""
        self.wrong = tuple(wrong)
        super().__init__(None, count=len(self.wrong))


# --- The thing addressed does not exist -------------------------------------------------------------------------------


class NotFound(Refused):
    """There is no {subject}."""

    zh = "没有 {subject}。"


class NotKnownThen(NotFound):
    """{subject} was not registered on {day}, as far as was known at sequence {sequence}."""

    zh = "按序号 {sequence} 时所知,{subject} 在 {day} 尚未登记。"


# --- The command is good, but not now ---------------------------------------------------------------------------------


class Conflict(Refused):
    """The command contradicts what is recorded."""

    zh = "命令与已有记录相抵触。"


class NotInThisState(Conflict):
    """{subject} is {status}; {action} is not possible any more, or not yet."""

    zh = "{subject} 当前状态为 {status},不能 {action}。"


class Ended(Conflict):
    """{subject} is {status}{since}: what was agreed before then can be recorded with an earlier `effective`."""

    zh = "{subject} 已 {status}{since}:此前约定的内容,请以更早的 effective 登记。"


Advice = Literal["correct", "propose", "once", "another"]
"""What can be done about what is recorded otherwise."""


class AlreadyOtherwise(Conflict):
    """{what} is recorded already, otherwise. If the record is wrong, correct that event."""

    zh = "{what} 已有登记而内容不同。如登记有误,请更正当初的事件。"
    others: ClassVar[dict[Advice, tuple[str, str]]] = {
        "propose": (
            "{what} is recorded already, otherwise. Correct that event, or if sources differ, use on_conflict=propose.",
            "{what} 已有登记而内容不同。如登记有误,请更正当初的事件;如系来源说法不同,请用 on_conflict=propose。",
        ),
        "once": (
            "{what} is told twice, in two ways, in one request. Tell it once.",
            "{what} 在同一请求中述及两次而内容不同。请只述一次。",
        ),
        "another": (
            "{what} is recorded already, and is something else. Choose another id.",
            "{what} 已有登记而另有所指。请另选一个 id。",
        ),
    }
    """What is said where something else can be done."""
    advice: Advice = "correct"
    """Whether it can be proposed is known to whoever has tried: the registry."""

    def __init__(
        self,
        pointer: str | None = None,
        *,
        held: object = None,
        field: str | None = None,
        value: object = None,
        fact: object = None,
        agrees: object = None,
        alone: bool = False,
        advice: Advice = "correct",
        **facts: object,
    ) -> None:
        """`held` is the part of the state whose `field` a `fact` tells otherwise, and `value` what it tells.

        `agrees` is what the fact would tell if it agreed, where that is not what the field has; `alone`: without it the
        fact says nothing.
        """
        super().__init__(pointer, **facts)
        self.held, self.field, self.value, self.fact = held, field, value, fact
        self.agrees, self.alone, self.advice = agrees, alone, advice

    def template(self, language: str) -> str:
        """The message, by what can be done."""
        other = self.others.get(self.advice)
        return super().template(language) if other is None else other[language == "zh"]


class NotCorrectable(Conflict):
    """{what} rests on event {sequence} ({type}), which cannot say that by one field. Correct it first (:correct)."""

    zh = "{what} 所依据的事件 {sequence}({type})不能只改一个字段而成为此说。请先更正该事件(:correct),再作认定。"


class NotStanding(Conflict):
    """{what} does not stand in the record, so nothing can be corrected to say so. Record it, then resolve."""

    zh = "{what} 在记录中并不存在,无从更正。请先登记,再作认定。"


class NotAlone(Conflict):
    """Event {sequence} registered {subject}, and other events rest on it. Void those first."""

    zh = "事件 {sequence} 登记了 {subject},其他事件以其为据。请先作废那些事件。"


class NotEntitled(Conflict):
    """Somebody else may do this."""

    zh = "此事应由他方办理。"


class NotAtWork(NotEntitled):
    """{who} does not report on {subject}: its lead and supporting units do ({units}), and parties right under them."""

    zh = "{who} 不能就 {subject} 报告:应由其牵头、配合单位({units})及其直属单位报告。"


class NotOverseeing(NotEntitled):
    """{subject}: its supervising units ({units}) take part in {action}; {who} alone may not."""

    zh = "{subject}:{action} 须有督办单位({units})参加;{who} 不能自行办理。"


class LeadAlone(NotEntitled):
    """{who} leads {subject}: {action} takes somebody else beside it."""

    zh = "{who} 是 {subject} 的牵头单位,{action} 须另有他方。"


class NotApproving(NotEntitled):
    """{who} does not approve a change of {subject}: a supervising unit does, or a body of its plan ({units})."""

    zh = "{who} 不能批准 {subject} 的调整:应由督办单位或所属规划的有关机构({units})批准,牵头单位不得自批。"


class Circular(Conflict):
    """{subject} cannot stand above, beside or in the place of itself."""

    zh = "{subject} 不能以自身为上级、关联对象或继任者。"


class WebhookEnded(Conflict):
    """{subject} is not enabled, so nothing is sent to it: enable it first."""

    zh = "{subject} 未启用,不会向其发送:请先启用。"


class TooManyWebhooks(Conflict):
    """There are {count} webhooks, and no more are possible: end one first."""

    zh = "已有 {count} 个 webhook,不能再增加:请先删除一个。"


class VersionMismatch(Refused):
    """{subject} is at version {actual}, not {expected}. Read it again and decide anew."""

    zh = "{subject} 的版本是 {actual},不是 {expected}。请重新读取后再定。"


class ReadOnly(Refused):
    """This is a replay of a log up to event {sequence}: it can be read, and records nothing. Write to the original."""

    zh = "这是截至第 {sequence} 个事件的回放,只供阅读,不作任何登记。请向原登记处提交。"


class Mirrored(Refused):
    """This is a mirror of the registry at {url}: it can be read, and records nothing. Write to the original."""

    zh = "这是 {url} 登记处的镜像,只供阅读,不作任何登记。请向原登记处提交。"


class Unavailable(Refused):
    """The registry cannot do it now: {problem}. Nothing was recorded; try again later."""

    zh = "登记处暂时不能受理:{problem}。未留下任何记录,请稍后重试。"


class Uncertain(Refused):
    """The database has not said whether the command was recorded. Send it again with the same Idempotency-Key."""

    zh = "数据库尚未答复该命令是否已记录。请用同一 Idempotency-Key 重发。"

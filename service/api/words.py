"""What clients are told in words: the decoder's messages made readable, and everything in Chinese as well as English.

Only messages stand here; which status an error has is known to `problems`.
"""

import re
from functools import cache
from typing import Literal

from service.domain.values import CLEAN

Language = Literal["en", "zh"]


def language(accepted: str | None) -> Language:
    """The language to answer in, from an Accept-Language header (RFC 9110, section 12.5.4); English by default."""
    best: tuple[float, Language] = (0.0, "en")
    for item in (accepted or "").split(","):
        tag, _, parameters = item.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary not in {"zh", "en", "*"}:
            continue
        name, _, text = parameters.strip().partition("=")
        try:
            weight = float(text) if name.strip() == "q" else 1.0
        except ValueError:
            weight = 0.0
        if weight > best[0]:
            best = (weight, "zh" if primary == "zh" else "en")
    return best[1]


# The patterns that text must match, in words: nobody should have to read them as regular expressions.
_FORMS: tuple[tuple[str, str, str], ...] = (
    (
        CLEAN[:40],
        "is blank, or holds a control character, a line or paragraph separator, or a noncharacter, which text may not",
        "只有空白,或含有不允许的字符:控制字符(换行除外)、行分隔符、段落分隔符或非字符",
    ),
    ("^[0-9a-f]{64}", "must be a SHA-256 in 64 lower-case hexadecimal digits", "应为 64 位小写十六进制的 SHA-256"),
    (
        "^-?(0|[1-9]",
        "must be a plain decimal number such as 12 or -0.5, with at most 25 digits before the point and 12 after it",
        "应为普通十进制数,例如 12 或 -0.5,小数点前最多 25 位,后最多 12 位",
    ),
    (
        "^(0|[1-9]",
        "must be a plain decimal number not below 0, such as 12 or 0.5: at most 25 digits before the point, 12 after",
        "应为不小于 0 的普通十进制数,例如 12 或 0.5,小数点前最多 25 位,后最多 12 位",
    ),
    (
        "^[a-z_]+/",
        "must name a thing as its kind and id, such as agreements/<uuid>",
        "应以类别和 id 指明对象,例如 agreements/<uuid>",
    ),
    (
        "^[a-z]+/",
        "must name a part as its list and id, such as clauses/<uuid>",
        "应以部分的类别和 id 指明,例如 clauses/<uuid>",
    ),
    (
        "^(?=[a-z]+(?:/",
        "must name a part as its list and its key there, such as clauses/<uuid> or steps/signed, or header",
        "应以部分的类别和键指明,例如 clauses/<uuid>、steps/signed,或 header",
    ),
    ("^[a-z_]{1,40}", "must be the name of a field, such as effective or title", "应为字段名,例如 effective 或 title"),
    (
        "^(captured|simplified",
        "must be captured, simplified, repaired, boilerplate_cut or the SHA-256 of a version",
        "应为 captured、simplified、repaired、boilerplate_cut 或某一版本的 SHA-256",
    ),
    (
        "^[0-9A-Z]{6,18}",
        "must be an official code of 6 to 18 digits and capital letters",
        "应为 6 至 18 位数字和大写字母的官方代码",
    ),
    (
        "^[a-z]{2,3}(-[a-z]{3})?",
        "must be a BCP 47 language tag without a script, such as zh or zh-CN",
        "应为不含文字子标签的 BCP 47 语言标签,例如 zh 或 zh-CN",
    ),
    (r"^[0-9]{1,18}\Z", "must be a cursor as an answer gave it in next", "应为答复的 next 所给的游标"),
    ("^[A-Za-z0-9_-]{1,4000}", "must be a cursor as an answer gave it in next", "应为答复的 next 所给的游标"),
    (
        "^[a-z]+(,[a-z]+)*",
        "must be names with commas between, such as citations,parties",
        "应为以逗号分隔的名称,例如 citations,parties",
    ),
    (
        "^([0-9]{1,19}|[0-9]{4}-",
        "must be a sequence, or a time with its offset such as 2026-11-21T08:00:00Z (a + is written %2B in an address)",
        "应为序号,或带时区的时间,例如 2026-11-21T08:00:00Z(地址中的 + 写作 %2B)",
    ),
    ("^(/([^/~]|~[01])*)*", "must be a JSON Pointer such as /signed/date", "应为 JSON Pointer,例如 /signed/date"),
    ("^accounts/", "must be an account as accounts/<uuid>", "应为 accounts/<uuid> 形式的账户"),
    (r"^[^/\\\x00", "must be the name of a .toml file without a folder", "应为不含目录的 .toml 文件名"),
    (
        r"^[^\s\x00-\x1f\x7f-\x9f@",
        "must be a name of 1 to 64 characters, without blanks and without @ . : /",
        "应为 1 至 64 个字符的名称,不含空白和 @ . : /",
    ),
    (
        "^[a-z0-9][a-z0-9!#$&^_.+-]*/",
        "must be a media type in small letters without parameters, such as text/csv",
        "应为小写、不带参数的媒体类型,例如 text/csv",
    ),
    ("^https?://", "must be an address that starts with http:// or https://", "应为以 http:// 或 https:// 开头的网址"),
)

_KINDS = {
    "str": ("a string", "字符串"),
    "int": ("a whole number", "整数"),
    "float": ("a number with a fraction", "小数"),
    "bool": ("true or false", "true 或 false"),
    "null": ("null", "null"),
    "array": ("an array", "数组"),
    "object": ("an object", "对象"),
    "uuid": ("a UUID", "UUID"),
    "date": ("a date", "日期"),
    "datetime": ("a time", "时间"),
}

# Messages of msgspec 0.22 and of the domain's values, as patterns, with what is said in English and in Chinese.
_MESSAGES = (
    (r"Expected `(?P<a>[^`]*)`, got `(?P<b>[^`]*)`", "must be {a}, and is {b}", "应为{a},而给出的是{b}"),
    (r"Expected `(?P<a>[^`]*)`", "must be {a}", "应为{a}"),
    (r"Expected `str` of length >= 1", "must not be empty", "不能为空"),
    (r"Expected `str` of length >= (\d+)", "must have at least {0} characters", "至少 {0} 个字符"),
    (r"Expected `str` of length <= (\d+)", "must have at most {0} characters", "最多 {0} 个字符"),
    (r"Expected `array` of length >= (\d+)", "must have at least {0} entries", "至少 {0} 项"),
    (r"Expected `array` of length <= (\d+)", "must have at most {0} entries", "最多 {0} 项"),
    (r"Expected `\w+` >= (\S+)", "must be at least {0}", "不得小于 {0}"),
    (r"Expected `\w+` <= (\S+)", "must be at most {0}", "不得大于 {0}"),
    (r"Object missing required field `(.*)`", "is missing", "缺少此项"),
    (r"Object contains unknown field `(.*)`", "is not known here", "此处没有这一项"),
    (r"Invalid enum value ('.*'): (.*)", "{0} is none of {1}", "{0} 不在可用的值之列:{1}"),
    (r"Invalid enum value (.*)", "{0} is not one of the values possible here", "{0} 不是此处可用的值"),
    (r"Invalid UUID", "must be a UUID", "应为 UUID"),
    (
        r"Invalid RFC3339 encoded date",
        "must be a date that exists, such as 2026-11-21",
        "应为存在的日期,例如 2026-11-21",
    ),
    (
        r"Invalid RFC3339 encoded datetime|Expected `datetime` with a timezone component",
        "must be a time with its offset, such as 2026-11-21T08:00:00Z",
        "应为带时区的时间,例如 2026-11-21T08:00:00Z",
    ),
    (r"Number out of range|Integer value out of range", "is too large a number", "数值过大"),
    (r"Input data was truncated", "it ends too early", "内容不完整"),
    (r"JSON is malformed: (.*) \(byte (\d+)\)", "{0} at byte {1}", "第 {1} 字节处有误"),
)

_ZH = (
    # Values and decisions of the domain.
    (r"earliest lies after latest", "earliest 晚于 latest"),
    (r"a date without bounds has no precision but unknown", "没有起止的日期,precision 只能为 unknown"),
    (r"a date has a bound, or .*", "日期须有起止之一,或至少有所印的原文(printed)"),
    (r"a date with bounds is not unknown", "有起止的日期,precision 不为 unknown"),
    (r"before has a latest day alone, .*", "precision 为 before 时只有 latest,为 after 时只有 earliest"),
    (r"precision (.*) needs earliest and latest", "precision 为 {0} 时须给出 earliest 和 latest"),
    (r"earliest and latest are not the bounds of one (.*)", "earliest 与 latest 不是一个 {0} 的起止"),
    (r"a period has a start, an end, or .*", "期间须有开始、结束,或所印的原文(printed)"),
    (r"the period ends before it starts", "期间的结束早于开始"),
    (r"low is above high", "low 大于 high"),
    (r"a range has low and high, and no value", "范围须有 low 和 high,而没有 value"),
    (r"a quantity has a value; .*", "数量须有 value;low 和 high 只用于 bound 为 range 时"),
    (r"a locator is a page, or a sheet and a cell", "locator 为 page,或 sheet 加 cell"),
    (r"a sheet needs its cell, and a cell its sheet", "sheet 与 cell 须同时给出"),
    (r"a citation is start and end, or quote, or locator", "引文须为 start 和 end、quote、locator 三者之一"),
    (r"start and end are both needed, .*", "start 和 end 都须给出,且 start 小于 end"),
    (r"a citation of more than (.*) code points says why", "超过 {0} 个字符的引文须说明理由(why)"),
    (r"sha256 belongs to start and end", "sha256 只与 start 和 end 同用"),
    (r"text_version belongs to start and end, or to quote", "text_version 只与 start 和 end 或 quote 同用"),
    (r"occurrence belongs to quote", "occurrence 只与 quote 同用"),
    (r"what is stated cites the words that state it", "basis 为 stated 时须引用所载的原文"),
    (r"nothing happens in the world here, .*", "此处并非世间之事,没有日期"),
    (r"who has to do with a project is a party, or .*", "项目的有关方须为一方(party)或一组(group)"),
    (r"a place is a party, or .*", "地点须为一方(party),或以文字(text)写明"),
    (r"a description of a place sets at least one of (.*)", "对地点的说明须至少设定其一:{0}"),
    (r"former and investor are two parties", "原投资方(former)与新投资方(investor)应为不同的两方"),
    (r"a body of a plan is a party, or .*", "规划的有关单位须为一方(party)或一组单位(group)"),
    (r"a description of a body sets its name", "对有关单位的说明须设定 name"),
    (r"an item has a label, a heading or a text", "项目须有 label、heading 或 text"),
    (r"an item that is not recorded yet has .*", "尚未登记的项目须有 label、heading 或 text"),
    (r"an item does not stand under itself", "项目不能位于自身之下"),
    (r"a target has a text or a metric", "目标须有 text 或 metric"),
    (r"a target that is not recorded yet has a text or a metric", "尚未登记的目标须有 text 或 metric"),
    (r"a change sets at least one of (.*)", "变更须至少设定其中一项:{0}"),
    (r"a revision has a label, a text, a number or a document", "修订须有 label、text、number 或 document"),
    (r"a revision that is not recorded yet has .*", "尚未登记的修订须有 label、text、number 或 document"),
    (r"thresholds set at least one of (.*)", "预警标准须至少设定其中一项:{0}"),
    (r"sha256 needs the document that it is a text of, in document", "给出 sha256 时须给出 document"),
    (r"(\w+)_part needs its (\w+)", "给出 {0}_part 时须给出 {1}"),
    (r"the meeting ends before it begins", "会议的结束早于开始"),
    (r"whom a figure is about is a party, or .*", "数据所涉者须为一方(party)或一组单位(group)"),
    (r"a description of a party sets its name", "对所涉一方的说明须设定 name"),
    (r"an item of a figure has a label or a text", "数据的分项须有 label 或 text"),
    (r"an item of a figure that is not recorded yet has .*", "尚未登记的数据分项须有 label 或 text"),
    (r"a claim gives at least one of (.*)", "一种说法须至少给出其中一项数字:{0}"),
    (r"compared says what a change is compared with", "compared 说明增减与何相比,须给出 change"),
    (r"among says among what a rank is held", "among 说明位次的范围,须给出 rank"),
    (r"an occurrence names its duty and its period, .*", "周期性任务的一次须同时给出 occurrence_of 与 period"),
    (r"the task is due before it starts", "任务的期限早于开始"),
    (r"terms have at least one of (.*)", "任务要求须至少有其中一项:{0}"),
    (r"an adjustment sets at least one of (.*)", "调整须至少设定其中一项:{0}"),
    (r"share is a percentage, from 0 to 100", "share 为百分比,0 至 100"),
    (r"no calendar comes to that day", "期限超出日历所及"),
    (r"due is another day than due_rule comes to; .*", "due 与 due_rule 所得日期不同,请只给其一"),
    (r"a rule names the month of its year, .*", "按年、半年、季度的规则须给出 month,按月的不给"),
    (r"a (.*) has (.*) months", "{0} 只有 {1} 个月"),
    (r"days count from 1; -1 is the month's last day", "day 自 1 起;-1 为当月最后一日"),
    (r"the last deadline lies before the first", "last 早于 first"),
    (r"this task is no standing duty: .*", "该任务不是周期性任务:没有周期规则"),
    (r"the id of an occurrence follows from its duty and period", "周期性任务之一次的 id 由其任务与期次得出"),
    (r"whoever takes part is a person, .*", "参加者须为个人(person)、一方(party)或一群人(group)"),
    (r"a name as printed belongs to a party", "所印名称(name)须与 party 同用"),
    (r"a number counts a group of people", "人数(number)须与 group 同用"),
    (r"a resolution has a text, or the name of what was adopted", "决议须有 text,或所通过文件的名称 name"),
    (r"a resolution that is not recorded yet has a text or a name", "尚未登记的决议须有 text 或 name"),
    (r"about_part needs the thing that it is of, in about", "给出 about_part 时须给出 about"),
    (r"sha256 needs the document that has the text, in document", "给出 sha256 时须给出 document"),
    (r"a resolution that is not recorded yet has a manner", "尚未登记的决议须有 manner"),
    (r"an activity has a text, or a name as printed", "活动须有 text,或所印名称 name"),
    (r"an activity that is not recorded yet has a text or a name", "尚未登记的活动须有 text 或 name"),
    (r"an activity that is not recorded yet has a sort", "尚未登记的活动须有 sort"),
    (r"a performance has at least one of (.*)", "履行须至少有其中一项:{0}"),
    (r"a declaration has a number of signatories, .*", "声明须给出签署方的数目,或其是否成对"),
    (r"a term has at least one of (.*)", "期限须至少有其中一项:{0}"),
    (r"a change of the term sets at least one of (.*)", "期限的变更须至少设定其中一项:{0}"),
    (r"a clause has a heading or a text", "条款须有 heading 或 text"),
    (r"a clause that is not recorded yet has a heading or a text", "尚未登记的条款须有 heading 或 text"),
    (r"an obligation has at least one of (.*)", "义务须至少有其中一项:{0}"),
    (r"a clause does not stand under itself", "条款不能位于自身之下"),
    (r"a renumbering sets label or parent", "重新编号须设定 label 或 parent"),
    (r"an amendment sets at least one of (.*)", "修改须至少设定其中一项:{0}"),
    (r"a party does not lie downstream of itself", "一方不能位于自身的下游"),
    (r"a split has those that the party was divided into", "分立须给出分立后的各方"),
    (r"a split is named by those .*", "分立以分立后的各方(into)指明,其他事项不给出 into"),
    (r"one party in the place of another is a replacement, not a split", "以一方代替另一方是替换,不是分立"),
    (r"start lies before end", "start 须小于 end"),
    (r"an edit replaces a span, or inserts something", "改动须替换一段或插入内容"),
    (r"a description sets at least one of (.*)", "说明须至少设定其中一项:{0}"),
    (r"a description of the step (.*) sets at least one of (.*)", "对 {0} 的说明须至少设定其中一项:{1}"),
    (r"a description of a text sets at least one of (.*)", "对一篇文本的说明须至少设定其中一项:{0}"),
    (r"a description of a member sets its role", "对成员的说明须设定 role"),
    (r"a description of a withdrawal sets its grounds", "对撤回的说明须设定 grounds"),
    (r"a description of a republication names .*", "对转载的说明须指明原文,并另有所述"),
    (r"a description sets the kind", "说明须设定 kind"),
    (r"an office holder's organisation is the party itself", "任职者的机构即该方自身,不另给出"),
    (r"a republication names its original, .*", "转载须指明原文:已登记的,或其所印名称"),
    (r"sha256 and length of the captured text .*", "采集文本的 sha256 与 length 须同时给出或都不给"),
    (r"two texts have the key (.*)", "有两篇文本同用 key {0}"),
    (r"the span from (.*) lies over one that ends at (.*)", "自 {0} 起的一段与止于 {1} 的一段重叠"),
    (r"a version is not derived from itself", "文本不能派生自其自身"),
    (r"this is the hash of the captured text, .*", "这是采集文本的散列,采集文本不是自身的派生文本"),
    (r"the text of the edit has (.*) code points, not (.*)", "改动的文字有 {0} 个字符,而非 {1} 个"),
    (r"the text has (.*) code points", "文本有 {0} 个字符"),
    (r"repairs belong to the sort repaired", "repairs 只用于 sort 为 repaired 的版本"),
    (r"nothing says what it is called: .*", "没有名称:请给出 title,或登记处的称呼 called"),
    (r"a repaired version has at least one repair", "repaired 版本至少须有一处 repairs"),
    (r"nothing of the document is passed over as boilerplate", "该文件没有以 boilerplate 为由略过的段落"),
    (r"a version has at most (.*) edits, and this would have (.*)", "一个版本至多有 {0} 处改动,而此处将有 {1} 处"),
    (r"nothing would be changed of the text, or nothing left of it", "文本将毫无改动,或毫无剩余"),
    (r"(.*) has the code (.*), not (.*)", "{0}的代码是 {1},而非 {2}"),
    (r"(.*) is the code of (.*): not on that day", "{0} 是{1}的代码,但当日无效"),
    (
        r"(.*) is the code of (.*), a (.*): name that party, or the code of this one",
        "{0} 是{1}({2})的代码:请指明该主体,或填写本主体的代码",
    ),
    (r"a search has (.*) words at most", "搜索最多使用 {0} 个词"),
    (r"these words were put in: .*", "这些文字是补入的,登记的文本中没有"),
    (r"has a meaning with (.*) alone", "只在 {0} 时有意义"),
    (r"the document has no text (.*); there are: (.*)", "该文件没有名为“{0}”的部分,现有:{1}"),
    (r"the edit starts before (.*), where the last one ends", "改动早于 {0} 开始,而上一处止于此"),
    (r"the edits make (.*) code points of (.*), not (.*)", "改动使 {1} 个字符成为 {0} 个,而不是 {2} 个"),
    (r"a division code has 6, 9 or 12 digits", "行政区划代码为 6、9 或 12 位数字"),
    (r"a unified social credit code has .*", "统一社会信用代码为 18 位:两位、六位数字、十位,不含 I、O、S、V、Z"),
    (r"the check character of (.*) is (.*)", "{0} 的校验码应为 {1}"),
    (r"(.*) has at least one of (.*)", "须至少有其中一项:{1}"),
    (r"a field is one of a part: .*", "字段属于某一部分:请以 subject_part 指明,对象本身为 header"),
    (r"a value is that of a field: .*", "值属于某一字段:请以 field 指明"),
    (r"a discrepancy has at most (.*) claims", "一项分歧至多有 {0} 种说法"),
    # Sheets of tasks.
    (r"what stands is changed: say why, in the column 调整理由", "改动了已有内容:请在“调整理由”列写明理由"),
    (r"what stands is changed: say who approved it, .*", "改动了已有内容:请在“批准单位”列写明由谁批准"),
    (r"say why it is (.*) now, in the column 调整理由", "转为“{0}”须在“调整理由”列写明理由"),
    (r"a task that is (.*) does not come to be (.*): .*", "任务“{0}”,不能由表格改为“{1}”:如属登记有误,请更正记录"),
    (r"a task that is new has a title", "新任务须填任务名称"),
    (r"only a deadline comes again, no start", "只有完成时限可以是周期性的,开始时间不可以"),
    (r"what is done once and what comes again .*", "一次性任务与周期性任务是两项任务:请另用一个编号"),
    (r"the task stands under another item: .*", "该任务已在规划的另一条目之下,不能由表格移动"),
    (r"no lead unit is named that this could be of", "没有牵头单位,无从对应"),
    (r"there are (.*) lead units and (.*) entries", "牵头单位有 {0} 个,此处却有 {1} 项"),
    (r"(.*) stands for several places of the plan: .*", "“{0}”在规划中对应多处:请写序号加标题"),
    (r"(.*) is no item of the plan: is one of these meant: (.*)\?", "规划中没有“{0}”这一条目,是否指:{1}?"),
    (r"(.*) is no item of the plan", "规划中没有“{0}”这一条目"),
    (r"(.*) is no state of a task: write one of (.*)", "“{0}”不是任务的状态,请填其中之一:{1}"),
    (r"(.*) is the name of several parties: write which of (.*)", "名为“{0}”的单位不止一个,请写明是哪一个:{1}"),
    (r"(.*) has ended: is one of these meant, which .*: (.*)\?", "单位“{0}”已撤销、合并或被替代,是否指:{1}?"),
    (r"(.*) is registered as one that has ended: .*", "单位“{0}”已撤销、合并或被替代,请填现在的单位"),
    (r"(.*) is not registered: is one of these meant: (.*)\?", "没有登记名为“{0}”的单位,是否指:{1}?"),
    (r"(.*) is not registered, nor is a name like it: .*", "没有名为“{0}”的单位,也没有名称相近的:请先登记"),
    (r"(.*) is the number of a day in Excel: .*", "“{0}”是 Excel 中日期的序数:请将单元格设为日期格式"),
    (r"(.*) may mean two days: write (.*) or (.*)", "“{0}”可作两解:请写明 {1} 或 {2}"),
    (
        r"(.*) is no date that can be read: .*",
        "“{0}”不是日期:请写如 2026-06-30、2026年6月 或 2026年6月底前",
    ),
    (r"(.*) is no rule that can be read: .*", "“{0}”不是周期:请写如 每月、每季度 或 每年3月底前"),
    (r"(.*) does not say of which year: .*", "“{0}”未写年份:请写明,如 2026年6月底前"),
    (r"(.*) is no day of the calendar", "“{0}”不是日历中的日期"),
    (r"the time ends before it begins", "时段的结束早于开始"),
    (r"(.*) ends before it begins", "“{0}”的结束早于开始"),
    (
        r"several tasks of the plan have the number (.*): write which of (.*)",
        "规划中编号为“{0}”的任务不止一项,请写明是哪一项:{1}",
    ),
    (r"(.*) is no task of this plan", "本规划中没有任务 {0}"),
    (r"the row has no number", "此行没有任务编号"),
    (r"the task (.*) stands in row (.*) already", "任务“{0}”已在第 {1} 行"),
    (r"the number (.*) stands in row (.*) already", "编号“{0}”与第 {1} 行重复"),
    (r"another column is (.*) already", "已另有一列是“{0}”"),
    (r"a formula without a stored value: .*", "公式没有保存结果:请在 Excel 中打开并保存后再导入"),
    (r"an error of the sheet stands here \((.*)\)", "此处是表格的错误值({0})"),
    (r"there is no worksheet (.*); it has (.*)", "没有工作表“{0}”;现有:{1}"),
    (r"it is damaged \((.*)\)", "文件已损坏({0})"),
    (r"it is an old .xls or has a password: .*", "是旧版 .xls 或带有密码:请另存为不带密码的 .xlsx"),
    (r"it unpacks to more than (.*) bytes", "解压后超过 {0} 字节"),
    (r"it is packed as no XLSX is", "压缩方式不是 XLSX 所用的"),
    (r"it is no XLSX \((.*)\)", "不是 XLSX 文件({0})"),
    (r"its quotes do not match \((.*)\)", "引号不成对({0})"),
    (r"its characters are neither UTF-8 nor GB 18030", "字符编码既非 UTF-8 也非 GB 18030"),
    (r"no row has the headers: one of them is (.*); take the template", "没有找到表头(其中须有“{0}”):请使用模板"),
    (r"it has more than (.*) rows, or (.*) cells: divide it", "超过 {0} 行或 {1} 个单元格:请拆分"),
    (r"others change the same tasks at this time", "他人正在改动同样的任务"),
    # The registry.
    (r"too many commands are waiting", "等候的命令过多"),
    (r"the registry is closing", "登记处正在关闭"),
    (r"too many readers follow the log", "跟随日志的读者过多"),
    (r"the database does not answer", "数据库没有答复"),
    (r"the database refused it: (.*)", "数据库拒绝了该命令:{0}"),
    (r"not decided", "尚未裁定"),
    (r"the text is not UTF-8: byte (.*)", "文本不是 UTF-8:第 {0} 字节"),
    (r"the text has (.*) code points; (.*) is registered with (.*)", "文本有 {0} 个字符,而 {1} 登记的是 {2} 个"),
    (r"that is more than (.*) tasks at once", "一次超过 {0} 项任务"),
    # Webhooks.
    (r"this is no address that a request can be sent to", "不是可以发送请求的网址"),
    (r"an address of a webhook begins with http:// or .*", "webhook 的网址须以 http:// 或 https:// 开头并有主机"),
    (
        r"an address of a webhook has a host without spaces, and a port from 1 to 65535",
        "webhook 的网址的主机名不得含空格,端口须在 1 至 65535 之间",
    ),
    (r"an address of a webhook has no user, .*", "webhook 的网址不得含用户名、密码或片段"),
    (r"(.*) is at (.*), which is no public address", "{0} 位于 {1},不是公网地址"),
    (r"a change sets at least one field", "须至少给出一项要改动的内容"),
    # HTTP.
    (r"Send a key as (.*)", "请以 {0} 发送密钥"),
    (r"The Authorization header must have the scheme Bearer", "Authorization 头的方案须为 Bearer"),
    (r"The key is unknown or revoked", "该密钥不存在或已撤销"),
    (r"holds half of a surrogate pair, which is no character", "含有半个代理对,不成字符"),
    (r"it is nested too deeply", "嵌套过深"),
    (r"it is not UTF-8: (.*)", "不是 UTF-8"),
    (r"this key stands twice in its object", "该键在同一对象中出现两次"),
    (r"it is empty", "正文为空"),
    (r"NaN and Infinity are no JSON", "NaN 与 Infinity 不是 JSON"),
    (r"versions start with 1", "版本自 1 起"),
    (r"is given twice", "给出了两次"),
    (r"(.*) is no value here: leave the parameter out", "{0} 不是取值:不限定时请省略此参数"),
    (r"never led to anything that was recorded", "从未指向任何登记的内容"),
    (r"is made from what was recorded, and has no history of its own", "由登记的内容得出,自身没有历史"),
    (r"must be a whole number in plain digits, such as 50", "应为只用数字写成的整数,例如 50"),
    (r"is not taken here: an address is told once", "此处不接受:地址只告知一次"),
    (r"lies after (.*)", "晚于 {0}"),
    (r"does not lie before (.*)", "须小于 {0}"),
    (r"version and known_at both say what was known: give one", "version 与 known_at 都指明所知的时点:请只给其一"),
    (r"(.*) is none of (.*)", "{0} 不在可用的值之列:{1}"),
    (r"must be \* or entity tags such as (.*)", "应为 * 或实体标签,例如 {0}"),
    (r"none of its entity tags is a version of a thing here", "其中没有一个实体标签是此处对象的版本"),
    (r"it is not held here", "此处未存"),
    (r"its tag is (.*)", "其标签为 {0}"),
    (r"it does not exist", "它不存在"),
    (r"it has no version; each command says by if_match .*", "它没有版本;每个命令以 if_match 说明所针对的版本"),
    (r"this command makes nothing that has an id of its own", "此命令不产生有自身 id 的对象"),
    (r"names stand in more than (.*) places of the transaction", "事务中使用名称之处超过 {0}"),
    (r"a command before this one has that name", "在此之前已有命令用此名称"),
    (r"must have 1 to 255 visible ASCII characters", "应为 1 至 255 个可见的 ASCII 字符"),
    (r"the last day that can be asked for is (.*)", "可问的最后一天是 {0}"),
    (r"the log ends at (.*)", "日志止于 {0}"),
    (r"the log of (.*) lines has no such one", "共 {0} 行的日志中没有这一行"),
    (r"no checkpoint can be signed: (.*)", "无法签署检查点:{0}"),
    (r"line (.*) is not in a checkpoint yet, which ends at (.*)", "第 {0} 行尚未载入检查点,检查点止于 {1}"),
    (r"the tiles of the log's tree are being stored: up to line (.*)", "日志树的瓦片正在存储,已到第 {0} 行"),
    (r"must be the sequence of an event, a plain integer", "应为事件的序号,写作普通整数"),
    (r"there is no type of event called (.*)", "没有名为 {0} 的事件类型"),
    (r"projections are missing: (.*)", "缺少投影:{0}"),
    (r"must be a sequence", "应为序号"),
    (r"projection (.*) has stopped at position (.*)", "投影 {0} 已停在位置 {1}"),
    (r"projection (.*) has only come to position (.*)", "投影 {0} 才到位置 {1}"),
    (r"projection (.*) is being built: at (.*) of (.*)", "投影 {0} 正在建立:已到 {1},共 {2}"),
    (r"the schema stands at (.*), this program needs (.*)", "数据库模式停在 {0},本程序需要 {1}"),
)
"""Problems in Chinese, told in English where they are found. A test finds each in the code and looks for it here."""


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern, ready when it is first looked for: all of them would be a tenth of a start."""
    return re.compile(pattern, re.DOTALL)


def _kinds(text: str, index: int) -> str:
    """`str | null` in words."""
    names = [_KINDS.get(kind, (kind, kind))[index] for kind in text.split(" | ")]
    return (" or " if index == 0 else "或").join(names)


def say(message: str, wanted: Language) -> str:
    """A message of msgspec or of the domain, in words. One that isn't known here is given as it is."""
    index = 0 if wanted == "en" else 1
    if found := re.match(r"Expected `str` matching regex '(?P<regex>.*)'", message, re.DOTALL):
        regex = found["regex"].replace("\\\\", "\\")
        for start, english, chinese in _FORMS:
            if regex.startswith(start):
                return (english, chinese)[index]
        return ("does not have the form that it needs here", "不符合此处的格式")[index]
    for pattern, english, chinese in _MESSAGES:
        if match := _compiled(pattern).fullmatch(message):
            groups = {name: _kinds(value, index) for name, value in match.groupdict().items()}
            return (english, chinese)[index].format(*match.groups(), **groups)
    if wanted == "zh":
        for pattern, chinese in _ZH:
            if match := _compiled(pattern).fullmatch(message):
                return chinese.format(*match.groups())
    return message

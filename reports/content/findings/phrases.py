"""The phrases that an item's findings are made of, several for each rule so that neighbours do not begin alike."""

from questionnaires.schema import Text

ASPECTS = {
    "organization": Text(zh="组织职责", en="roles and responsibilities"),
    "rules": Text(zh="制度规范", en="rules and standards"),
    "process": Text(zh="流程执行", en="daily practice"),
    "technology": Text(zh="工具技术", en="tools"),
}
OPENINGS = (
    Text(
        zh="{item}自评为{level}级（{name}），得{score}分。",
        en="{item} stands at level {level} ({name}) with a score of {score}.",
    ),
    Text(
        zh="{item}得{score}分，处于{level}级（{name}）。",
        en="With a score of {score}, {item} is at level {level} ({name}).",
    ),
    Text(
        zh="从填报情况看，{item}为{level}级（{name}），得{score}分。",
        en="The answers put {item} at level {level} ({name}), scoring {score}.",
    ),
    Text(
        zh="目前{item}为{level}级（{name}），得分{score}。",
        en="At present {item} is at level {level} ({name}) and scores {score}.",
    ),
    Text(
        zh="按所填答案计算，{item}得{score}分，属{level}级（{name}）。",
        en="Today {item} scores {score}, which is level {level} ({name}).",
    ),
)
BLANK = (
    Text(
        zh="{item}尚属空白：{n}均不满足。",
        en="{item} still has to be built up: not one of its {n} is met.",
    ),
    Text(
        zh="目前{item}还没有起步，{n}均不满足。",
        en="Work on {item} has not begun: of its {n} none is met.",
    ),
    Text(
        zh="填报结果显示，{item}的{n}均不满足。",
        en="According to the answers, none of the {n} of {item} is met.",
    ),
)
SILENT = (
    Text(
        zh="{item}的{n}均未填报，暂按不满足计。",
        en="{item} is unanswered: all {n} count as not met for now.",
    ),
    Text(
        zh="暂无法评述{item}：{n}均未填报，按不满足计。",
        en="Nothing can be said of {item} yet, as its {n} are unanswered and count as not met.",
    ),
    Text(
        zh="由于{n}均未填报，{item}暂按不满足计。",
        en="As its {n} are unanswered, {item} counts as not met.",
    ),
)
STANDS = {
    "firm": Text(zh="{aspects}基础较好（{counts}）", en="{aspects} {be} in good order ({counts})"),
    "middling": Text(zh="{aspects}已有一定基础（{counts}）", en="{aspects} {be} partly in place ({counts})"),
    "thin": Text(zh="{aspects}较为薄弱（{counts}）", en="{aspects} {be} thin ({counts})"),
}
COUNTS = Text(zh="{n}个条目中{rows}", en="of {n} criteria {rows}")
RATED = {
    "full": Text(zh="满足{n}个", en="{n} fully met"),
    "largely": Text(zh="大部分满足{n}个", en="{n} largely"),
    "partly": Text(zh="部分满足{n}个", en="{n} in part"),
    "none": Text(zh="不满足{n}个", en="{n} not met"),
    "": Text(zh="未填报{n}个", en="{n} unanswered"),
}
ONLY_ONE = {
    "full": Text(zh="仅1个条目，已满足", en="its one criterion is fully met"),
    "largely": Text(zh="仅1个条目，大部分满足", en="its one criterion is largely met"),
    "partly": Text(zh="仅1个条目，部分满足", en="its one criterion is met in part"),
    "none": Text(zh="仅1个条目，不满足", en="its one criterion is not met"),
    "": Text(zh="仅1个条目，未填报", en="its one criterion is unanswered"),
}
BEST = (
    Text(
        zh="自评已满足的条目中，等级最高的是{level}级的{quoted}。",
        en="The highest criterion rated as fully met, at level {level}: {quoted}.",
    ),
    Text(
        zh="可以作为基础的是{level}级条目{quoted}，自评为满足。",
        en="A base to build on is this level {level} criterion, rated as fully met: {quoted}.",
    ),
    Text(
        zh="自评满足的条目最高到{level}级，如{quoted}。",
        en="Criteria rated as fully met go up to level {level}, for example {quoted}.",
    ),
    Text(
        zh="值得保持的是{quoted}，这是自评满足的{level}级条目。",
        en="Worth keeping is {quoted}, a criterion of level {level} rated as fully met.",
    ),
)
PROVEN = Text(zh="已提供{pieces}，支撑{total}中的{n}个。", en="{pieces} on file support {n} of {total}.")
PROVEN_ONE = Text(zh=PROVEN.zh, en="{pieces} on file supports {n} of {total}.")
UNPROVEN = Text(zh="目前尚未提供有效证据。", en="No valid evidence is linked yet.")
LOWERED = Text(zh="审核调低了{n}。", en="The review lowered {n}.")
RAISED = Text(zh="审核调高了{n}。", en="The review raised {n}.")
PENDING = Text(zh="另有{n}尚未填报，暂按不满足计。", en="{n} still unanswered and counted as not met.")

ALL_PASSED = (
    Text(
        zh="五个等级均已通过，没有更高等级可升。",
        en="All five levels are passed; there is none above.",
    ),
    Text(zh="已通过全部五个等级。", en="Nothing stands in the way: all five levels are passed."),
)
FALLS_SHORT = (
    Text(
        zh="未能达到{level}级（{name}），是因为该级条目平均只做到{now}，而须{bar}。",
        en="Level {level} ({name}) is not reached, because its criteria are met to {now} on average where {bar} is needed.",
    ),
    Text(
        zh="尚未达到{level}级（{name}）：该级条目平均做到{now}，须{bar}。",
        en="Level {level} ({name}) is still to come: its criteria are met to {now} on average and {bar} is needed.",
    ),
    Text(
        zh="{level}级（{name}）的条目目前平均做到{now}，须{bar}方可通过。",
        en="The criteria of level {level} ({name}) are met to {now} on average; it takes {bar} to pass.",
    ),
)
NEARLY = (
    Text(
        zh="离{level}级（{name}）已近：该级条目平均做到{now}，须{bar}。",
        en="Level {level} ({name}) is close: its criteria are met to {now} on average and {bar} is needed.",
    ),
    Text(
        zh="{level}级（{name}）差得不多：该级条目平均为{now}，通过须{bar}。",
        en="Little is missing for level {level} ({name}): its criteria stand at {now} on average, and passing takes {bar}.",
    ),
)
NOT_EVEN_ONE = (
    Text(
        zh="最低的{level}级（{name}）也尚未通过：该级条目平均做到{now}，须{bar}。",
        en="Even level {level} ({name}), the lowest, is not passed: its criteria are met to {now} on average, and "
        "{bar} is needed.",
    ),
    Text(
        zh="{level}级（{name}）是起点，其条目平均只做到{now}，须{bar}才算通过。",
        en="Level {level} ({name}) is where every item begins; its criteria are met to {now} on average, and it "
        "takes {bar} to pass.",
    ),
    Text(
        zh="起步阶段的要求尚未做足：{level}级（{name}）的条目平均做到{now}，须{bar}。",
        en="The beginnings are not complete: the criteria of level {level} ({name}) are met to {now} on average, "
        "where {bar} is needed.",
    ),
)
NOT_SECURED = Text(
    zh="{level}级（{name}）虽已达到，但该级条目平均做到{now}，须{bar}才能继续升级。",
    en="Level {level} ({name}) is reached, but its criteria are met to {now} on average, and only {bar} lets "
    "the item climb on.",
)
AT_LEAST, MORE_THAN = Text(zh="达到{bar}", en="at least {bar}"), Text(zh="超过{bar}", en="more than {bar}")
HOLDING = (
    Text(zh="制约最大的是：{rows}。", en="What holds it back most: {rows}."),
    Text(zh="主要短板在于：{rows}。", en="The main shortfalls: {rows}."),
    Text(zh="影响最大的是：{rows}。", en="What weighs most: {rows}."),
    Text(zh="失分最多之处：{rows}。", en="Most points are lost here: {rows}."),
    Text(zh="首要的差距是：{rows}。", en="The largest gaps: {rows}."),
)
STATES = {
    "none": Text(zh="{quoted}尚不满足", en="{quoted} is not met"),
    "partly": Text(zh="{quoted}仅部分满足", en="{quoted} is met only in part"),
    "largely": Text(zh="{quoted}大部分满足、尚未做足", en="{quoted} is largely but not fully met"),
    "": Text(zh="{quoted}尚未填报", en="{quoted} is unanswered"),
}
LIFT = (
    Text(
        zh="补齐{which}，该级将由{now}升至{after}{passes}。",
        en="Closing {which} lifts the level from {now} to {after}{passes}.",
    ),
    Text(
        zh="如{which}补齐，该级由{now}提高到{after}{passes}。",
        en="With {which} closed, the level goes from {now} to {after}{passes}.",
    ),
)
THIS_ONE, THESE = Text(zh="这一条", en="it"), Text(zh="这{n}条", en="these {n}")
THE_FIRST = Text(zh="其中第一条", en="the first")
PASSES = Text(zh="，即可通过", en=", enough to pass")
STILL_NEEDED = Text(zh="，该级至少要补齐{n}条才能通过", en="; it takes at least {n} to pass")

RISK = (
    Text(zh="长此以往，难以真正做到{purpose}。", en="At stake is the purpose of the item: {purpose}."),
    Text(zh="受影响的是设置本项的目的：{purpose}。", en="What the item is for is at risk: {purpose}."),
    Text(zh="若不改进，{purpose}就难以落到实处。", en="Left as it is, this purpose is missed: {purpose}."),
)
SHOWS = (
    Text(
        zh="与这些差距相近、评估中常见的问题有：{rows}。本单位是否也有，可逐条自查。",
        en="Problems that assessments commonly find near such gaps: {rows}. Please check whether they apply here.",
    ),
    Text(
        zh="拖延不改，容易出现这样的问题：{rows}。",
        en="Left open, such gaps easily lead to this: {rows}.",
    ),
    Text(
        zh="这方面的薄弱之处往往这样表现：{rows}。有无此类情形，宜对照核查。",
        en="Weakness in this field often shows as follows: {rows}. Whether it does here is worth a look.",
    ),
    Text(
        zh="题库列出的常见问题中，与此最接近的是：{rows}。请对照核实。",
        en="Of the common weaknesses in the bank these lie nearest: {rows}. Please verify.",
    ),
)
RESTING = Text(
    zh="本项已达到目标等级，保持现有做法并按期更新证据即可。",
    en="The target is reached here; keep up the practice and refresh the evidence in time.",
)
KEEP = Text(zh="保持现有做法，按期更新证据。", en="Keep up the practice and refresh the evidence in time.")
ANSWER_FIRST = Text(
    zh="请先完成填报，再据实安排改进。",
    en="Please answer the questions first, then plan the improvement.",
)
FURTHER = Text(zh="如需再升一级：", en="To climb further: ")
ON_PATH = (
    Text(zh="按最短达标路径，先", en="On the shortest path to the target: "),
    Text(zh="最短达标路径在本项上的任务是：", en="The shortest path to the target asks for this here: "),
    Text(zh="要走最短路径达标，本项先", en="For the shortest path to the target, begin with this: "),
)
STEP = (
    Text(
        zh="首先，{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
        en="First, {title} (lead: {lead}, {days}, about {weeks} weeks until the proof is there)",
    ),
    Text(
        zh="建议先{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
        en="Start here: {title} (lead: {lead}, {days}, proof in about {weeks} weeks)",
    ),
    Text(
        zh="第一步是{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
        en="As a first step, {title} (lead: {lead}, {days}, proof in about {weeks} weeks)",
    ),
    Text(
        zh="可从这项工作入手：{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
        en="A good place to begin: {title} (lead: {lead}, {days}, proof in about {weeks} weeks)",
    ),
    Text(
        zh="近期可做的是{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
        en="Within reach: {title} (lead: {lead}, {days}, proof in about {weeks} weeks)",
    ),
)
ONE_STEP = Text(
    zh="{title}（{lead}牵头，{days}，约{weeks}周可形成证据）",
    en="{title} (lead: {lead}, {days}, proof in about {weeks} weeks)",
)
NEXT_STEP = Text(zh="其次，{title}（{lead}牵头，{days}）", en="then {title} (lead: {lead}, {days})")
DAYS = Text(zh="{least}至{most}人日", en="{least}–{most} person-days")
CLOSED = Text(zh="前一项的完成标志：{closed}。", en="The first is done when this holds: {closed}.")
WHOLE = Text(
    zh="{target}级及以下还有{n}未完全满足，全部补齐按题库估计合计{days}。",
    en="Up to target level {target}, {n} are not fully met; closing all of them takes {days} by the bank's estimate.",
)
CLOSED_IN_PLAN = Text(
    zh="改进计划已关闭的行动涉及本项{n}，这里的得分仍按填报的答案计算。",
    en="Closed actions of the plan cover {n} of this item; the score here is still that of the answers.",
)

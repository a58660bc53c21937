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
        zh="{item}现处于{level}级（{name}），得{score}分。",
        en="{item} stands at level {level} ({name}) with a score of {score}.",
    ),
    Text(
        zh="从填报情况看，{item}得{score}分，属{level}级（{name}）。",
        en="With a score of {score}, {item} is at level {level} ({name}).",
    ),
    Text(
        zh="就现状而言，{item}为{level}级（{name}），得分{score}。",
        en="The answers put {item} at level {level} ({name}), scoring {score}.",
    ),
    Text(
        zh="{level}级（{name}）、{score}分，是{item}目前的水平。",
        en="Level {level} ({name}) and {score} points: this is where {item} stands today.",
    ),
    Text(
        zh="按自评口径，{item}得{score}分，处在{level}级（{name}）。",
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
COUNTS = Text(zh="{n}条标准中满足{full}条", en="{full} of {n} criteria fully met")
REST = {
    "largely": Text(zh="、大部分满足{n}条", en=", {n} largely"),
    "partly": Text(zh="、部分满足{n}条", en=", {n} in part"),
}
ONLY_ONE = {
    "full": Text(zh="仅1条标准，已满足", en="its one criterion is fully met"),
    "largely": Text(zh="仅1条标准，大部分满足", en="its one criterion is largely met"),
    "partly": Text(zh="仅1条标准，部分满足", en="its one criterion is met in part"),
    "none": Text(zh="仅1条标准，不满足", en="its one criterion is not met"),
}
BEST = (
    Text(zh="其中做得扎实的是{quoted}。", en="What stands best: {quoted}."),
    Text(zh="值得肯定的是{quoted}。", en="To its credit, {quoted}."),
    Text(zh="可以作为基础的是{quoted}。", en="A base to build on: {quoted}."),
)
PROVEN = Text(zh="已提供{pieces}，可支撑其中{n}。", en="{pieces} on file support {n}.")
PROVEN_ONE = Text(zh=PROVEN.zh, en="{pieces} on file supports {n}.")
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
        zh="未能达到{level}级（{name}），是因为该级标准平均只做到{now}，而须{bar}。",
        en="Level {level} ({name}) is out of reach for now because its criteria are met to {now} on average, where "
        "{bar} is asked.",
    ),
    Text(
        zh="距{level}级（{name}）还差一步：该级标准平均做到{now}，须{bar}。",
        en="What is missing for level {level} ({name}): its criteria are met to {now} on average and {bar} is asked.",
    ),
    Text(
        zh="{level}级（{name}）的标准目前平均做到{now}，须{bar}方可通过。",
        en="The criteria of level {level} ({name}) are met to {now} on average; it takes {bar} to pass.",
    ),
)
NOT_EVEN_ONE = (
    Text(
        zh="连最低的{level}级（{name}）也未完全通过：该级标准平均做到{now}，须{bar}。",
        en="Even level {level} ({name}), the lowest, is not passed: its criteria are met to {now} on average, and "
        "{bar} is asked.",
    ),
    Text(
        zh="{level}级（{name}）是起点，其标准平均只做到{now}，须{bar}才算通过。",
        en="Level {level} ({name}) is where every item begins; its criteria are met to {now} on average, and it "
        "takes {bar} to pass.",
    ),
    Text(
        zh="起步阶段的要求尚未做足：{level}级（{name}）的标准平均做到{now}，须{bar}。",
        en="The beginnings are not complete: the criteria of level {level} ({name}) are met to {now} on average, "
        "where {bar} is asked.",
    ),
)
NOT_SECURED = Text(
    zh="{level}级（{name}）虽已达到，但该级标准平均做到{now}，须{bar}才能继续升级。",
    en="Level {level} ({name}) is reached, but its criteria are met to {now} on average, and only {bar} lets "
    "the item climb on.",
)
AT_LEAST, MORE_THAN = Text(zh="达到{bar}", en="at least {bar}"), Text(zh="超过{bar}", en="more than {bar}")
HOLDING = (
    Text(zh="制约最大的是：{rows}。", en="What holds it back most: {rows}."),
    Text(zh="主要短板在于：{rows}。", en="The main shortfalls: {rows}."),
    Text(zh="影响最大的是：{rows}。", en="What weighs most: {rows}."),
)
STATES = {
    "none": Text(zh="{quoted}尚不满足", en="{quoted} is not met"),
    "partly": Text(zh="{quoted}仅部分满足", en="{quoted} is met only in part"),
    "largely": Text(zh="{quoted}大部分满足、尚未做足", en="{quoted} is largely but not fully met"),
    "": Text(zh="{quoted}尚未填报", en="{quoted} is unanswered"),
}
LIFT = Text(
    zh="补齐{which}，该级将由{now}升至{after}{passes}。",
    en="Closing {which} lifts the level from {now} to {after}{passes}.",
)
THIS_ONE, THESE = Text(zh="这一条", en="it"), Text(zh="这{n}条", en="these {n}")
THE_FIRST = Text(zh="其中第一条", en="the first")
PASSES = Text(zh="，即可通过", en=" and passes it")
STILL_NEEDED = Text(zh="，共须补齐{n}条才能通过", en="; it takes {n} to pass")

RISK = (
    Text(zh="长此以往，难以真正做到{purpose}。", en="At stake is the purpose of the item: {purpose}."),
    Text(
        zh="受影响的是本项的根本目的：{purpose}。",
        en="What suffers is what the item is for: {purpose}.",
    ),
    Text(
        zh="若不改进，{purpose}就难以落到实处。",
        en="Left as it is, this purpose is missed: {purpose}.",
    ),
)
SHOWS = (
    Text(zh="此类差距常见的表现有：{rows}。", en="Gaps of this kind commonly show as follows: {rows}."),
    Text(zh="在同类情形中常会看到：{rows}。", en="What is often seen in such cases: {rows}."),
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
FURTHER = Text(zh="如需再升一级，", en="To climb further: ")
STEP = (
    Text(
        zh="首先{title}（{lead}牵头，{days}，约{weeks}周）",
        en="First, {title} (lead: {lead}, {days}, about {weeks} weeks)",
    ),
    Text(
        zh="宜先{title}（{lead}牵头，{days}，约{weeks}周）",
        en="Start here: {title} (lead: {lead}, {days}, about {weeks} weeks)",
    ),
    Text(
        zh="第一步是{title}（{lead}牵头，{days}，约{weeks}周）",
        en="The first step is clear: {title} (lead: {lead}, {days}, about {weeks} weeks)",
    ),
)
NEXT_STEP = Text(zh="其次{title}（{lead}牵头，{days}）", en="then {title} (lead: {lead}, {days})")
DAYS = Text(zh="{least}～{most}人日", en="{least}–{most} person-days")
CLOSED = Text(zh="完成标志：{closed}。", en="The first is done when this holds: {closed}.")
WHOLE = Text(
    zh="达到目标{target}级共须补齐{n}，按题库估计合计{days}。",
    en="Reaching target level {target} takes {n} in all, {days} by the bank's estimate.",
)

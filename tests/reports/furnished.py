"""Snapshots with everything in them, by hand: for what the PDF looks like, whatever the other parts tell."""

import base64
import io
from dataclasses import replace
from datetime import date

from PIL import Image

from reports.content.parts import (
    AnnexPart,
    AnnexRow,
    BrandPart,
    EarlierPart,
    HeldPart,
    LayerPart,
    PiecePart,
    PlannedPart,
    PlanPart,
    QuarterPart,
    Snapshot,
    VerdictPart,
)

PERSON, TITLE, NOTE, FILE = "王若琳", "数据质量月报（内部）", "内部抽查发现口径不一致", "DQ-2026-10-secret.pdf"


def logo(size=(400, 120)) -> str:
    buffer = io.BytesIO()
    Image.new("RGB", size, "#336699").save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def furnished(snapshot: Snapshot, *, length: int = 1, actions: int = 12) -> Snapshot:
    """``snapshot`` with evidence, verdicts, plan, annex, brand and earlier cycle; every text ``length`` times as long."""

    def say(text: str) -> str:
        return text * length

    first = snapshot.items[0]
    proved = {code for item in snapshot.items[:4] for level in item.levels for code in [c.code for c in level.criteria][:2]}
    verdict = VerdictPart(
        "consultant", "Consultant", say("智成咨询"), "adjust", "adjusted", "partly", "partly met", "no evidence", say(NOTE)
    )

    def criterion(row):
        if row.code not in proved:
            return row
        return replace(row, note=say(NOTE), held=(HeldPart(1, say("第4页")), HeldPart(2, "")), verdicts=(verdict,))

    def item(row):
        levels = tuple(replace(level, criteria=tuple(criterion(c) for c in level.criteria)) for level in row.levels)
        return replace(row, levels=levels)

    domains = tuple(replace(domain, items=tuple(item(row) for row in domain.items)) for domain in snapshot.domains)
    piece = PiecePart(
        1,
        say(TITLE),
        "record",
        "internal",
        "2026-10-01",
        "2027-10-01",
        PERSON,
        say(FILE),
        "",
        "ab" * 32,
        2,
        "",
        tuple(sorted(proved)),
    )
    pieces = (
        piece,
        replace(piece, number=2, title="Confidential document", keeper="", file_name="", sha256="", status="expired"),
    )
    rows = tuple(
        AnnexRow(clause.id, clause.document, 0.4, "40%", "asks", (first.code,), ("PA-101",), say("已做到四成。"))
        for clause in list(snapshot.clause_by_id.values())[:20]
    )
    return replace(
        snapshot,
        domains=domains,
        answers=tuple({**row, "note": say(NOTE) if row["criterion"] in proved else row["note"]} for row in snapshot.answers),
        scope=say("数据管理部"),
        period="2026-01-01 – 2026-10-31",
        state="In review",
        layers=(
            LayerPart("self", "Self-assessment", "", "2.70", 0.54, 3, "稳健级", 500, {d.code: d.score for d in domains}),
            LayerPart(
                "consultant", "Consultant", "智成咨询", "2.40", 0.48, 2, "受管理级", 40, {d.code: d.score for d in domains}
            ),
        ),
        pieces=pieces,
        plan=plan(snapshot, say, actions),
        annex=AnnexPart(rows, rows[:3], "政策行动自评 (2026-09-01)"),
        brand=BrandPart(say("智成咨询"), logo(), "#1f5f8b", say("谨呈数据治理委员会"), say("本报告仅供内部改进使用。")),
        earlier=EarlierPart(say("2025年度自评"), "2025-11-20", "2.10", 2, {d.code: "2.00" for d in domains}),
    )


def plan(snapshot: Snapshot, say, count: int) -> PlanPart:
    planned = tuple(
        PlannedPart(
            number=n, title=say("建立数据质量检查规则"), text=say("先易后难。"), status="closed" if n == 1 else "open",
            status_label="closed" if n == 1 else "open", lead="数据归口部门", owner=PERSON, department="数据管理部",
            starts_on="2026-12-01", due_on="2027-02-01", quarter="2026 Q4", days="8", weeks=4, cost="12000", priority="A",
            priority_reason="3 levels below target", is_quick_win=n % 3 == 0, is_on=True, items=(snapshot.items[n % len(snapshot.items)].code,),
            criteria=(snapshot.answers[n]["criterion"],), needs=(n - 1,) if n % 4 == 2 else (), gain="0.05", after="2.80",
            level_after=3, start=2 * n, end=2 * n + 6, clauses=(), comments=(say(NOTE + "，请跟进"),) if n < 4 else (),
            proofs=(TITLE,) if n == 1 else (), closed_on="2026-11-01" if n == 1 else "", closing_note=say("验收通过，见纪要") if n == 1 else "",
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    quarters = (
        QuarterPart("2026 Q4", (1, 2, 3), "24", "36000"),
        QuarterPart("2027 Q1", tuple(range(4, count + 1)), "72", "108000"),
    )
    first = date(2026, 12, 1).isoformat()
    return PlanPart(first, "CNY", {"数据归口部门": "1500"}, planned, quarters, "96", "144000", 1, "2.75", 3, "3.10", 3)

"""A questionnaire as other programs read it: JSON, or a workbook to fill in."""

import io
import json
from datetime import datetime

import xlsxwriter

from questionnaires.schema import CapabilityItem, PolicyAction, Questionnaire

ANSWER_COLUMNS = (
    ("criterion", 14), ("rating", 12), ("na_reason", 16), ("note", 40), ("questionnaire", 18), ("version", 10),
    ("domain", 18), ("item", 22), ("level", 8), ("text", 70), ("evidence", 60),
)  # fmt: skip
FIXED_DATE = datetime(2000, 1, 1)  # workbooks carry no time, so that the same content gives the same bytes
RATINGS = ("full", "largely", "partly", "none", "na")
NA_REASONS = ("not_in_scope", "done_elsewhere", "other")


def as_json(questionnaire: Questionnaire, language: str) -> str:
    """The questionnaire JSON of the contract; ``language`` (zh or en) is that of the evidence hints."""
    data = {
        "code": questionnaire.code,
        "version": questionnaire.version,
        "edition": questionnaire.edition,
        "lang": language,
        "domains": [
            {
                **_names(domain),
                "clause": domain.clause,
                "items": [_item(item, language) for item in domain.items],
            }
            for domain in questionnaire.domains
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def as_workbook(questionnaire: Questionnaire, language: str) -> bytes:
    """An answer sheet: one row per criterion, drop-downs for rating and reason, the question beside it to read."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": questionnaire.title.in_language(language), "created": FIXED_DATE})
    sheet = book.add_worksheet("answers")
    head = book.add_format({"bold": True, "bottom": 1})
    fill = book.add_format({"bg_color": "#f7f9fb", "border": 1, "border_color": "#e4e9ee", "text_wrap": True, "valign": "top"})
    read = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (name, width) in enumerate(ANSWER_COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    rows = list(_answer_rows(questionnaire, language))
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            sheet.write_string(number, column, cell, fill if 1 <= column <= 3 else read)
    allowed = RATINGS if questionnaire.kind == "levels" else ("0", "1", "2", "3", "4", "na")
    sheet.data_validation(1, 1, len(rows), 1, {"validate": "list", "source": list(allowed)})
    sheet.data_validation(1, 2, len(rows), 2, {"validate": "list", "source": list(NA_REASONS), "ignore_blank": True})
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(ANSWER_COLUMNS) - 1)
    book.close()
    return buffer.getvalue()


def _names(part) -> dict:
    return {"code": part.code, "name_zh": part.name.zh, "name_en": part.name.en}


def _item(item: CapabilityItem | PolicyAction, language: str) -> dict:
    if isinstance(item, PolicyAction):
        return {
            **_names(item),
            "clause": None,
            "anchors": [{"score": a.score, "text_zh": a.text.zh, "text_en": a.text.en} for a in item.anchors],
            "allow_na": item.allow_na,
            "clauses": list(item.clauses),
        }
    return {
        **_names(item),
        "clause": item.clause,
        "criteria": [
            {
                "code": criterion.code,
                "level": criterion.level,
                "text_zh": criterion.text.zh,
                "text_en": criterion.text.en,
                "evidence": [evidence.in_language(language) for evidence in criterion.evidence],
            }
            for criterion in item.criteria
        ],
    }


def _answer_rows(questionnaire: Questionnaire, language: str):
    owner = (questionnaire.code, questionnaire.version)
    for item in questionnaire.items:
        place = (questionnaire.domain_of[item.code].name.in_language(language), item.name.in_language(language))
        if isinstance(item, PolicyAction):
            anchors = "\n".join(f"{anchor.score} {anchor.text.in_language(language)}" for anchor in item.anchors)
            words = (f"{item.question.in_language(language)}\n{anchors}", _joined(item.evidence, language))
            yield (item.code, "", "", "", *owner, *place, "", *words)
            continue
        for criterion in item.criteria:
            words = (criterion.text.in_language(language), _joined(criterion.evidence, language))
            yield (criterion.code, "", "", "", *owner, *place, str(criterion.level), *words)


def _joined(texts, language: str) -> str:
    return "\n".join(text.in_language(language) for text in texts)

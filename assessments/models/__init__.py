from assessments.models.answer import Answer, AnswerRevision, Comment, Mark
from assessments.models.assessment import Assessment, Submission
from assessments.models.assignment import Assignment
from assessments.models.evidence import Evidence, EvidenceLink, EvidenceVersion
from assessments.models.kit import Kit, KitReturn

__all__ = [
    "Answer",
    "AnswerRevision",
    "Assessment",
    "Assignment",
    "Comment",
    "Evidence",
    "EvidenceLink",
    "EvidenceVersion",
    "Kit",
    "KitReturn",
    "Mark",
    "Submission",
]

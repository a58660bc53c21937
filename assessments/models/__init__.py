from assessments.models.answer import Answer, AnswerRevision, Comment, Mark
from assessments.models.assessment import Assessment, Submission
from assessments.models.assignment import Assignment
from assessments.models.bridging import DraftAnswer
from assessments.models.evidence import Evidence, EvidenceLink, EvidenceVersion
from assessments.models.interview import InterviewNote, InterviewSheet
from assessments.models.kit import Kit, KitReturn
from assessments.models.panel import BlindRating, PanelItem, PanelRater
from assessments.models.phase import EngagementPhase
from assessments.models.plan import (
    ActionAim,
    ActionClosing,
    ActionComment,
    ActionNeed,
    ActionProof,
    ImprovementAction,
    PlanSetting,
)
from assessments.models.review import EngagementScope, Layer, ReturnPoint, SignOff, Verdict, VerdictRevision
from assessments.models.standing import Standing

__all__ = [
    "ActionAim",
    "ActionClosing",
    "ActionComment",
    "ActionNeed",
    "ActionProof",
    "Answer",
    "AnswerRevision",
    "Assessment",
    "Assignment",
    "BlindRating",
    "Comment",
    "DraftAnswer",
    "EngagementPhase",
    "EngagementScope",
    "Evidence",
    "EvidenceLink",
    "EvidenceVersion",
    "ImprovementAction",
    "InterviewNote",
    "InterviewSheet",
    "Kit",
    "KitReturn",
    "Layer",
    "Mark",
    "PanelItem",
    "PanelRater",
    "PlanSetting",
    "ReturnPoint",
    "SignOff",
    "Standing",
    "Submission",
    "Verdict",
    "VerdictRevision",
]

from assessments.models.answer import Answer
from assessments.models.assessment import Assessment

__all__ = ["Answer", "Assessment"]

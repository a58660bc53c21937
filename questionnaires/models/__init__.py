from questionnaires.models.policy import ImportedPolicy
from questionnaires.models.version import Criterion, Version

__all__ = ["Criterion", "ImportedPolicy", "Version"]

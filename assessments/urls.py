from django.urls import path

from assessments.views import answering, overview

urlpatterns = [
    path("", overview.OrganizationHome.as_view(), name="organization"),
    path("assessments/new/", overview.StartAssessment.as_view(), name="start_assessment"),
    path("assessments/<int:assessment_id>/", overview.AssessmentOverview.as_view(), name="assessment"),
    path("assessments/<int:assessment_id>/items/<str:item_code>/", answering.AnswerItem.as_view(), name="answer_item"),
    path("assessments/<int:assessment_id>/answers/<str:criterion_code>/", answering.SaveAnswer.as_view(), name="save_answer"),
]

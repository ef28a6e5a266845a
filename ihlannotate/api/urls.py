"""Addresses below /api/v1/."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from ihlannotate.api.views.exports import Annotations, Export
from ihlannotate.api.views.figures import Agreement, Findings, Gold, Scores, Validation
from ihlannotate.api.views.runs import Runs
from ihlannotate.api.views.studies import StudyDetail, StudyList
from ihlannotate.api.views.verdicts import Verdicts

app_name = "api"
urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("studies/", StudyList.as_view(), name="studies"),
    path("studies/<slug:slug>/", StudyDetail.as_view(), name="study"),
    path("studies/<slug:slug>/runs/", Runs.as_view(), name="runs"),
    path("studies/<slug:slug>/verdicts/", Verdicts.as_view(), name="verdicts"),
    path("studies/<slug:slug>/agreement/", Agreement.as_view(), name="agreement"),
    path("studies/<slug:slug>/gold/", Gold.as_view(), name="gold"),
    # A judge may be named “maker/model”.
    path("studies/<slug:slug>/judges/<path:judge>/validation/", Validation.as_view(), name="validation"),
    path("studies/<slug:slug>/judges/<path:judge>/scores/<str:criterion>/", Scores.as_view(), name="scores"),
    path("studies/<slug:slug>/findings/", Findings.as_view(), name="findings"),
    path("studies/<slug:slug>/annotations/", Annotations.as_view(), name="annotations"),
    path("studies/<slug:slug>/export/", Export.as_view(), name="export"),
]

"""Addresses of the coordinators' pages."""

from django.urls import URLPattern, URLResolver, include, path

from ihlannotate.web.coordinate import (
    acts,
    adjudication,
    agreement,
    agreement_files,
    disagreements,
    exports,
    gold,
    guesses,
    home,
    jobs,
    judges,
    log,
    masking,
    methods,
    people,
    progress,
    readiness,
    runs,
    settings,
    studies,
)

app_name = "coordinate"

of_a_study: list[URLPattern] = [
    path("", home.home, name="study"),
    path("act/<slug:name>/", acts.act, name="act"),
    path("people/", people.people, name="people"),
    path("runs/", runs.runs, name="runs"),
    path("runs/<slug:code>/columns/", runs.columns, name="columns"),
    path("runs/<slug:code>/discard/", runs.discard_upload, name="discard"),
    path("jobs/<slug:code>/", jobs.job, name="job"),
    path("jobs/<slug:code>/start/", jobs.start, name="start"),
    path("jobs/<slug:code>/files/<str:name>", jobs.download, name="file"),
    path("progress/", progress.progress, name="progress"),
    path("readiness/", readiness.readiness, name="readiness"),
    path("readiness/use/", readiness.use, name="readiness_use"),
    path("readiness/excuse/", readiness.excuse, name="readiness_excuse"),
    path("agreement/", agreement.overview, name="agreement"),
    path("agreement.csv", agreement_files.figures, name="agreement_csv"),
    path("agreement.svg", agreement_files.plot, name="agreement_svg"),
    path("agreement/<str:key>/", agreement.criterion, name="criterion"),
    path("agreement/<str:key>/<str:name>.svg", agreement_files.criterion_plot, name="criterion_svg"),
    path("disagreements/", disagreements.overview, name="disagreements"),
    path("disagreements/<str:key>/", disagreements.items, name="divided"),
    path("disagreements/<str:key>/<slug:code>/", disagreements.tag, name="tag"),
    path("adjudication/", adjudication.waiting, name="adjudication"),
    path("adjudication/settled/", adjudication.settled, name="adjudication_settled"),
    path("adjudication/notes/", adjudication.notes, name="adjudication_notes"),
    path("gold/", gold.gold, name="gold"),
    path("judges/", judges.judges, name="judges"),
    path("judges/<int:pk>/", judges.judge, name="judge"),
    path("exports/", exports.exports, name="exports"),
    path("masking/", masking.masking, name="masking"),
    path("masking/hits/", masking.masked_passages, name="masking_hits"),
    path("guesses/", guesses.guesses, name="guesses"),
    path("settings/", settings.settings, name="settings"),
    path("log/", log.log, name="log"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("studies/", studies.studies, name="studies"),
    path("found-study/", studies.found, name="found"),
    path("studies/<slug:slug>/", include(of_a_study)),
    path("methods/", methods.methods, name="methods"),
]

"""All addresses."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from ihlannotate.web import (
    accounts,
    adjudicate,
    annotate,
    discussion,
    guess,
    home,
    own_ratings,
    own_settings,
    training,
)

people: list[URLPattern] = [
    path("sign-in/", accounts.sign_in, name="login"),
    path("sign-out/", accounts.sign_out, name="logout"),
    path("password/", accounts.change_password, name="change_password"),
    path("password/<uidb64>/<token>/", accounts.set_password, name="set_password"),
]

annotators: list[URLPattern] = [
    path("", annotate.study, name="study"),
    path("next/", annotate.next_item, name="next"),
    path("ratings/", own_ratings.ratings, name="ratings"),
    path("settings/", own_settings.settings, name="settings"),
    path("undo/", annotate.undo, name="undo"),
    path("guess/", guess.guess, name="guess"),
    path("training/", training.training, name="training"),
    path("training/next/", training.next_item, name="training_next"),
    path("training/again/", training.again, name="training_again"),
    path("training/<slug:code>/", training.item, name="training_item"),
    path("training/<slug:code>/feedback/", training.feedback, name="training_feedback"),
    path("<slug:code>/", annotate.item, name="item"),
    path("<slug:code>/draft/", annotate.draft, name="draft"),
    path("<slug:code>/note/", discussion.note, name="note"),
    path("<slug:code>/skip/", annotate.skip, name="skip"),
    path("<slug:code>/unskip/", annotate.unskip, name="unskip"),
]

adjudicators: list[URLPattern] = [
    path("", adjudicate.study, name="study"),
    path("settled/", adjudicate.settled, name="settled"),
    path("<slug:code>/", adjudicate.item, name="item"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    *people,
    path("language/", set_language, name="set_language"),
    path("rate/<slug:study_code>/", include((annotators, "annotate"))),
    path("adjudicate/<slug:study_code>/", include((adjudicators, "adjudicate"))),
    path("", include("ihlannotate.web.coordinate.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("ihlannotate.api.urls")),
]

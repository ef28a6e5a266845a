"""What is edited in the administration is in the study's log, and figures follow it."""

from pathlib import Path

import pytest
from django.test import Client

from ihlannotate.models.event import Event
from ihlannotate.pipeline.agreement import agreement, measured
from tests.factory import make_user
from tests.pipeline.rated import N, R, rated_study

pytestmark = pytest.mark.django_db


def test_an_alias_changed_in_the_administration_shows_at_once(tmp_path: Path, client: Client) -> None:
    study = rated_study(tmp_path, [(R, N)])
    before = agreement(study, replicates=0)
    client.force_login(make_user("Root", is_staff=True, is_superuser=True))
    page = client.get(f"/admin/ihlannotate/study/{study.pk}/change/")
    form = page.context["adminform"].form
    sent = {name: form[name].value() for name in form.fields}
    for formset in (one.formset for one in page.context["inline_admin_formsets"]):
        for part in (formset.management_form, *formset.forms):
            sent |= {f"{part.prefix}-{name}": part[name].value() or "" for name in part.fields}
    sent["memberships-0-alias"] = "Rowan"
    assert client.post(page.request["PATH_INFO"], sent).status_code == 302
    found = agreement(study, replicates=0)
    assert found != before
    assert found == measured(study, replicates=0)
    assert Event.objects.filter(verb="study.edited").count() == 1

"""The back room for whoever runs the installation: accounts and studies, never who wrote which response."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from ihlannotate.models.event import record
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User

admin.site.unregister(Group)
admin.site.site_header = admin.site.site_title = "ihlannotate"


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ["email", "name", "is_active", "is_staff"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "is_staff", "is_superuser", "last_login"]
    readonly_fields = ["last_login"]


class MembershipInline(admin.TabularInline[Membership, Study]):
    model = Membership
    extra = 0
    can_delete = False  # what protects a member from deletion would be listed: their answers
    fields = ["user", "role", "alias"]
    autocomplete_fields = ["user"]


@admin.register(Study)
class StudyAdmin(admin.ModelAdmin[Study]):
    list_display = ["slug", "title", "opened_at", "closed_at"]
    fields = ["slug", "title", "description", "guidelines", "content_notice", "masked_words", "lease_minutes"]
    inlines = [MembershipInline]

    def save_related(
        self,
        request: HttpRequest,
        form: ModelForm[Study],
        formsets: Sequence[BaseModelFormSet[Any, Any]],
        change: bool,
    ) -> None:
        """The study's log tells that something was edited here, so that kept figures are computed again."""
        super().save_related(request, form, formsets, change)
        people = sum(len(one.new_objects) + len(one.changed_objects) for one in formsets)
        data = {"changed": form.changed_data, "people": people}
        if form.changed_data or people:
            record(form.instance, "study.edited", actor=request.user.pk, data=data)

    def has_add_permission(self, request: object) -> bool:
        """Studies are made with their rubric, by create_study or the coordinator's page."""
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        """The page that asks would list all that goes with it: each response's origin beside its answers."""
        return False

"""A study's life: open, close and, after gold is released, unblind. Each act happens once and is on the record."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from ihlannotate.models.event import record
from ihlannotate.models.item import Response
from ihlannotate.models.study import Study
from ihlannotate.models.user import User
from ihlannotate.pipeline import assigning
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.sampling import unknown_to_sample


@transaction.atomic
def open_study(study: Study, *, actor: User | None) -> int:
    """Open a study to its annotators: every response gets its slots; how many are open.

    Opening an open study again lays out what was imported since. Raises Refused: nothing to rate, closed, or responses
    that the sample does not know.
    """
    Study.hold(study.pk, alone=True)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if study.closed_at:
        raise Refused(
            _("Study “%(slug)s” is closed and does not open again. Found a new one for more ratings.")
            % {"slug": study.slug}
        )
    if not Response.objects.filter(study=study).exists():
        raise Refused(
            _("Study “%(slug)s” has nothing to rate yet. Import a run first.") % {"slug": study.slug}
        )
    if later := unknown_to_sample(study):
        raise Refused(
            _("%(n)s responses were imported after the sample was drawn. Draw the sample again, then open.")
            % {"n": later}
        )
    slots = assigning.lay_out_slots(study)
    if not study.opened_at:
        study.opened_at = timezone.now()
        study.save(update_fields=["opened_at"])
        record(study, "study.opened", actor=actor, data={"slots": slots})
    elif slots:
        record(study, "study.extended", actor=actor, data={"slots": slots})
    return slots


@transaction.atomic
def close_study(study: Study, *, actor: User | None) -> None:
    """Close a study: its annotations are final. Raises Refused when it is not open."""
    Study.hold(study.pk, alone=True)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if not study.is_open:
        raise Refused(
            _("Study “%(slug)s” is %(state)s; only an open study can be closed.")
            % {"slug": study.slug, "state": study.state.label}
        )
    study.closed_at = timezone.now()
    study.save(update_fields=["closed_at"])
    record(study, "study.closed", actor=actor)


@transaction.atomic
def unblind_study(study: Study, *, reason: str, actor: User | None) -> None:
    """Let models and conditions be seen, once and for good. Raises Refused: no gold released, or no reason given."""
    Study.hold(study.pk, alone=True)
    study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    if study.is_unblinded:
        raise Refused(_("Study “%(slug)s” is already unblinded.") % {"slug": study.slug})
    if not study.gold_releases.exists():
        raise Refused(
            _("Study “%(slug)s” has no gold release. Close it, release its gold, then unblind it.")
            % {"slug": study.slug}
        )
    if not reason.strip():
        raise Refused(_("Give a reason for unblinding: it is kept in the audit log."))
    study.unblinded_at = timezone.now()
    study.save(update_fields=["unblinded_at"])
    record(study, "study.unblinded", actor=actor, data={"reason": reason.strip()})

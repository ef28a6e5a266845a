"""Who may do what in a study: the one place where a person's role is looked up."""

from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User

Role = Membership.Role


def role_in(user: User, study: Study) -> Role | None:
    """The person's role in a study; None for a stranger. A superuser without a membership counts as coordinator."""
    role = Membership.objects.filter(user=user, study=study).values_list("role", flat=True).first()
    if role is None:
        return Role.COORDINATOR if user.is_superuser else None
    return Role(role)


def studies_of(user: User) -> list[tuple[Study, Role]]:
    """The studies in which the person has a role, newest first, each with the role."""
    roles = dict(Membership.objects.filter(user=user).values_list("study", "role"))
    studies = Study.objects.all() if user.is_superuser else Study.objects.filter(pk__in=roles)
    return [
        (study, Role(roles.get(study.pk, Role.COORDINATOR)))
        for study in studies.select_related("rubric").order_by("-pk")
    ]

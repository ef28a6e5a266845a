"""Founding a study: its rubric is published, its people get their roles and aliases."""

import re
from functools import lru_cache
from typing import Unpack

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from ihlannotate.models.codes import new_seed
from ihlannotate.models.event import record
from ihlannotate.models.rubric import Criterion, Rubric
from ihlannotate.models.study import Membership, Study
from ihlannotate.models.user import User
from ihlannotate.pipeline.masking import COMMON_NAMES
from ihlannotate.pipeline.refusals import Refused
from ihlannotate.pipeline.tuning import Settings, checked
from ihlannotate.readers.base import ReadError
from ihlannotate.readers.rubric import (
    RubricSpec,
    canonical,
    content_sha256,
    from_canonical,
    read_rubric,
    read_taxonomy,
)

Role = Membership.Role
_ALIAS_LETTER = {Role.ANNOTATOR: "A", Role.COORDINATOR: "C", Role.ADJUDICATOR: "J"}
MAX_EXPERTISE = 200  # characters
FIXTURES = settings.BASE_DIR / "fixtures"


def read_rubric_file(text: str) -> RubricSpec:
    """The rubric in a YAML text, with the rule taxonomy that ships with the project at hand.

    Raises Refused with what is wrong in it.
    """
    rules = read_taxonomy((FIXTURES / "ihl_rules.yaml").read_text(encoding="utf-8"))
    try:
        return read_rubric(text, taxonomies={"ihl_rules": rules})
    except ReadError as error:
        raise Refused(str(error)) from error


def default_rubric() -> RubricSpec:
    """The refusal and helpfulness rubric that ships with the project."""
    return read_rubric_file((FIXTURES / "rubric.yaml").read_text(encoding="utf-8"))


@lru_cache(maxsize=32)
def _spec(sha256: str, content: str) -> RubricSpec:
    return from_canonical(content)


def spec_of(rubric: Rubric) -> RubricSpec:
    """The specification in a published rubric (parsed once a process: its content cannot change)."""
    return _spec(rubric.sha256, rubric.content)


def publish_rubric(spec: RubricSpec) -> Rubric:
    """The published rubric with this content, made if it is new.

    Raises Refused when other content was published under the same name and version.
    """
    sha256 = content_sha256(spec)
    existing = Rubric.objects.filter(name=spec.name, version=spec.version).first()
    if existing and existing.sha256 != sha256:
        raise Refused(
            _(
                "Rubric “%(name)s” %(version)s is already published with other content. A published "
                "rubric never changes: give the new text a new version."
            )
            % {"name": spec.name, "version": spec.version}
        )
    if existing:
        return existing
    rubric = Rubric.objects.create(
        name=spec.name, version=spec.version, content=canonical(spec), sha256=sha256
    )
    Criterion.objects.bulk_create(
        Criterion(rubric=rubric, key=one.key, position=position) for position, one in enumerate(spec.criteria)
    )
    return rubric


@transaction.atomic
def found_study(
    *,
    slug: str,
    title: str,
    spec: RubricSpec,
    actor: User | None,
    overlap: int = 3,
    epsilon: float = 0.2,
    description: str = "",
    seed: int | None = None,
    **settings: Unpack[Settings],
) -> Study:
    """A new study, in draft. Settings that are not given have the model's defaults; `masked_words` (one a line)
    starts with the common names of systems and makers.

    Raises Refused when the slug is taken or malformed, the title does not fit, or a number is out of its range.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", slug):
        raise Refused(
            _("“%(slug)s” cannot name a study: use small letters, digits and dashes.") % {"slug": slug}
        )
    if not title.strip() or len(title) > 200:
        raise Refused(_("Give the study a title of at most 200 characters."))
    if Study.objects.filter(slug=slug).exists():
        raise Refused(_("There is already a study named “%(slug)s”. Choose another name.") % {"slug": slug})
    if not 1 <= overlap <= 50:
        raise Refused(
            _("The overlap must be between 1 and 50 annotators for each response, not %(overlap)s.")
            % {"overlap": overlap}
        )
    if not 0 <= epsilon < 1:
        raise Refused(_("Epsilon must be at least 0 and below 1, not %(epsilon)s.") % {"epsilon": epsilon})
    study = Study.objects.create(
        slug=slug,
        title=title,
        rubric=publish_rubric(spec),
        overlap=overlap,
        epsilon=epsilon,
        description=description,
        seed=new_seed() if seed is None else seed,
        **checked({"masked_words": "\n".join(COMMON_NAMES), **settings}),
    )
    data = {"slug": slug, "overlap": overlap, "epsilon": epsilon, "rubric": study.rubric.sha256}
    record(study, "study.founded", actor=actor, data=data)
    return study


@transaction.atomic
def add_member(
    *, study: Study, name: str, email: str, role: str, actor: User | None, alias: str = ""
) -> Membership:
    """A person in a study, under a role and an alias; their account is made if it is new.

    Raises Refused when they already have a role there, or the alias is taken or cannot be one.
    """
    email = email.strip().lower()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email) or len(email) > 254:
        raise Refused(_("“%(email)s” is not an e-mail address.") % {"email": email})
    if alias:
        _check_alias(alias)
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, name=name.strip()[:200]
    )
    if Membership.objects.filter(study=study, user=user).exists():
        raise Refused(
            _("%(email)s already has a role in this study. One person has one role in a study.")
            % {"email": email}
        )
    alias = alias or _free_alias(study, Role(role))
    if Membership.objects.filter(study=study, alias=alias).exists():
        raise Refused(
            _("The alias “%(alias)s” is taken in this study. Choose another one.") % {"alias": alias}
        )
    member = Membership.objects.create(study=study, user=user, role=role, alias=alias)
    record(study, "member.added", actor=actor, data={"alias": alias, "role": role})
    return member


@transaction.atomic
def imported_annotator(*, study: Study, alias: str) -> tuple[Membership, bool]:
    """The annotator with this alias, made without an account if there is none; and whether it was made.

    The log is the caller's: `log_imported_annotator`, when nothing else is left to wait for.

    Raises Refused when the alias belongs to somebody with another role, or cannot be an alias.
    """
    _check_alias(alias)
    member = Membership.objects.filter(study=study, alias=alias).first()
    if member and member.role != Role.ANNOTATOR:
        raise Refused(
            _("The alias “%(alias)s” belongs to this study’s %(role)s. Choose another one.")
            % {"alias": alias, "role": Role(member.role).label}
        )
    if member:
        return member, False
    return Membership.objects.create(study=study, role=Role.ANNOTATOR, alias=alias), True


def log_imported_annotator(member: Membership, *, actor: User | None) -> None:
    """Put an annotator who was made for imported ratings on the record."""
    data = {"alias": member.alias, "role": member.role, "imported": True}
    record(member.study, "member.added", actor=actor, data=data)


@transaction.atomic
def state_expertise(*, member: Membership, text: str, actor: User | None) -> None:
    """Keep what a member says of their expertise, in their own words, on one line; empty for nothing.

    The log says that it changed, not to what. Raises Refused where it is too long.
    """
    text = " ".join(text.replace("\0", "").split())
    if len(text) > MAX_EXPERTISE:
        raise Refused(_("Put the expertise into at most %(most)d characters.") % {"most": MAX_EXPERTISE})
    if Membership.objects.filter(pk=member.pk).exclude(expertise=text).update(expertise=text):
        record(member.study, "member.expertise_stated", actor=actor, data={"alias": member.alias})


def invitation_path(user: User) -> str:
    """The address, below the site's, where a person sets their first password. It works once."""
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("set_password", args=[uid, default_token_generator.make_token(user)])


def _check_alias(alias: str) -> None:
    if not re.fullmatch(r"[\w .-]{1,40}", alias):
        raise Refused(
            _("“%(alias)s” cannot be an alias: use up to 40 letters, digits, spaces, dots and dashes.")
            % {"alias": alias}
        )


def _free_alias(study: Study, role: Membership.Role) -> str:
    taken = set(Membership.objects.filter(study=study).values_list("alias", flat=True))
    number = 1
    while f"{_ALIAS_LETTER[role]}{number}" in taken:
        number += 1
    return f"{_ALIAS_LETTER[role]}{number}"

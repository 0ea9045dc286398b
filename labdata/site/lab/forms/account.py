"""Forms of one's account: what one likes, and tokens for programs."""

from django import forms
from django.conf import settings

from labdata.common.people.access import Project
from labdata.common.people.notices import KINDS
from labdata.common.people.preferences import preferences, set_preference
from labdata.common.people.tokens import Scope
from labdata.site.kit.forms import LabForm

START_PAGES = {
    "site:home": "Home",
    "site:samples": "Samples",
    "site:measurements": "Measurements",
    "site:relation": "Explore",
}
START_PAGE = "start.page"
DEFAULT_PROJECT = "project.default"
BY_EMAIL = "notices.email"


def days_to_choose():
    """How long a token may work, up to what the lab allows."""
    longest = settings.REST_KNOX["TOKEN_TTL"].days
    usual = [days for days in (1, 7, 30, 90) if days < longest]
    return [(days, f"{days} day{'s' * (days > 1)}") for days in (*usual, longest)]


class PreferenceForm(LabForm):
    """Where one begins, which project is filled in, and what one is told of."""

    start_page = forms.ChoiceField(
        choices=list(START_PAGES.items()), label="After signing in, show"
    )
    project = forms.ChoiceField(
        required=False,
        label="Project of new records",
        help_text="Filled in where nothing else tells; you can change it each time.",
    )
    notices = forms.MultipleChoiceField(
        choices=list(KINDS.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Tell me when",
    )
    by_email = forms.BooleanField(required=False, label="Also by e-mail")
    email = forms.EmailField(required=False, label="E-mail address")

    def __init__(self, data=None, *, user):
        self.user = user
        kept = preferences(
            user,
            {
                START_PAGE: "site:home",
                DEFAULT_PROJECT: "",
                BY_EMAIL: False,
                **{f"notices.{kind}": True for kind in KINDS},
            },
        )
        initial = {
            "start_page": kept[START_PAGE],
            "project": kept[DEFAULT_PROJECT],
            "notices": [kind for kind in KINDS if kept[f"notices.{kind}"]],
            "by_email": kept[BY_EMAIL],
            "email": user.email,
        }
        super().__init__(data, initial=initial, prefix="like")
        projects = Project.objects.current().writable_by(user)
        self.fields["project"].choices = [
            ("", "none"),
            *((one.slug, f"{one.slug}: {one.name}") for one in projects),
        ]
        if not settings.LABDATA_SENDS_EMAIL:
            del self.fields["by_email"], self.fields["email"]

    def clean(self):
        values = super().clean()
        if values.get("by_email") and not values.get("email"):
            self.add_error("email", "An address is needed to send messages to.")
        return values

    def save(self):
        """Remember the choices."""
        chosen = self.cleaned_data
        kept = {
            START_PAGE: chosen["start_page"],
            DEFAULT_PROJECT: chosen["project"] or None,
            **{f"notices.{kind}": kind in chosen["notices"] for kind in KINDS},
        }
        if "by_email" in self.fields:
            kept[BY_EMAIL] = chosen["by_email"]
            self.user.email = chosen["email"]
            self.user.save(update_fields=["email"])
        for key, value in kept.items():
            set_preference(user=self.user, key=key, value=value)


class TokenForm(LabForm):
    """What a new token is called and what it is good for."""

    name = forms.CharField(
        max_length=60,
        label="What it is for",
        help_text="The program or the computer that will use it.",
    )
    scope = forms.ChoiceField(
        choices=[
            (Scope.READ, "Read: look at records, data and values"),
            (Scope.WRITE, "Read and write: also add and change, as you may"),
        ],
        widget=forms.RadioSelect,
        label="It may",
    )
    projects = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Only in these projects",
        help_text="None ticked: in all of yours, those of later included.",
    )
    days = forms.TypedChoiceField(coerce=int, label="It works for")

    def __init__(self, data=None, *, user):
        choices = days_to_choose()
        super().__init__(
            data,
            initial={"scope": Scope.READ, "days": choices[-1][0]},
            prefix="token",
        )
        self.fields["days"].choices = choices
        self.visible_projects = {
            one.slug: one for one in Project.objects.current().visible_to(user)
        }
        self.fields["projects"].choices = [
            (slug, f"{slug}: {one.name}") for slug, one in self.visible_projects.items()
        ]

    def values(self):
        chosen = self.cleaned_data
        projects = [self.visible_projects[slug] for slug in chosen["projects"]]
        return chosen | {"projects": projects}

"""Questions asked of a list, kept under a name for oneself or for a project."""

import uuid

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import QueryDict
from django.urls import reverse

from labdata.common.people.access import Project, require_write, visible_project_ids

# The lists a view can be saved of, and the page that applies it.
PAGES = {
    "samples": "site:samples",
    "measurements": "site:measurements",
    "runs": "site:runs",
    "relation": "site:relation",
}
# Where in a list somebody was belongs to the moment, not to the view.
NOT_KEPT = ("page", "cursor", "csrfmiddlewaretoken")


class SavedViewQuerySet(models.QuerySet):
    def visible_to(self, user):
        """One's own views, and those shared with a project one is in."""
        return self.filter(
            models.Q(user_id=user.pk)
            | models.Q(project_id__in=visible_project_ids(user))
        )

    def for_page(self, page):
        return self.filter(page=page).select_related("project", "user")


class SavedView(models.Model):
    """The query of a page under a name; with a project, its members see it too."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views"
    )
    project = models.ForeignKey(
        Project,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="saved_views",
    )
    page = models.CharField(max_length=20, choices=[(key, key) for key in PAGES])
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        app_label = "common"
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="saved_view_name_once_per_page"
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        address = reverse(PAGES[self.page])
        return f"{address}?{self.query}" if self.query else address


def kept_query(text):
    """A page's query without what belongs to the moment, in a stable spelling."""
    query = QueryDict(text.lstrip("?"), mutable=True)
    for name in NOT_KEPT:
        query.pop(name, None)
    for name in [name for name, values in query.lists() if not any(values)]:
        del query[name]
    return query.urlencode()


@transaction.atomic
def save_view(
    *, user: User, page: str, name: str, query: str, project: Project | None = None
) -> SavedView:
    """Keep a query under a name; one's view of that name is replaced.

    Raises
    ------
    ValidationError
        If the name is missing or too long, or there is no such page.
    PermissionDenied
        If it is to be shared with a project one may not write to.
    """
    if project is not None:
        require_write(user, project)
    name = " ".join(name.split())
    view = SavedView.objects.filter(user_id=user.pk, page=page, name=name).first()
    if view is None:
        view = SavedView(user_id=user.pk, page=page, name=name)
    view.project = project
    view.query = kept_query(query)
    view.full_clean(validate_unique=False)
    view.save()
    return view


@transaction.atomic
def rename_view(*, user: User, view: SavedView, name: str) -> SavedView:
    """Give one's view another name."""
    _require_owner(user, view)
    name = " ".join(name.split())
    others = SavedView.objects.filter(user_id=user.pk, page=view.page, name=name)
    if others.exclude(pk=view.pk).exists():
        raise ValidationError({"name": f"You have a view called {name!r} already."})
    view.name = name
    view.full_clean(validate_unique=False)
    view.save()
    return view


@transaction.atomic
def delete_view(*, user: User, view: SavedView) -> None:
    """Forget a view; only whoever saved it may."""
    _require_owner(user, view)
    view.delete()


def _require_owner(user, view):
    if view.user_id != user.pk:
        raise PermissionDenied(f"This view is {view.user.get_username()}'s to change.")

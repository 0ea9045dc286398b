"""The form of a sample together with how it was made."""

from django.core.exceptions import ValidationError

from labdata.common.api.errors import NestedValidationError
from labdata.site.kit.acts.process_form import MakingForm
from labdata.site.kit.acts.sample_form import SampleForm
from samples import services


class LogForm:
    """Two forms sent as one: errors of both stand at their fields."""

    def __init__(self, data, *, user, project, start):
        self.user = user
        self.sample = SampleForm(data, initial=start.sample, user=user, project=project)
        self.making = MakingForm(
            data,
            initial=start.making,
            rows=start.rows,
            user=user,
            project=project,
        )

    def is_valid(self):
        # Both, so that everything wrong is told at once.
        return all([self.sample.is_valid(), self.making.is_valid()])

    def save(self):
        """Log what was typed; refused with everything that is wrong."""
        project = services.resolve_project(
            self.user, self.sample.cleaned_data["project"]
        )
        errors, values = {}, {}
        for name, form in (("sample", self.sample), ("process", self.making)):
            try:
                values[name] = form.values()
            except ValidationError as error:
                errors[name] = services.errors_of(error)
        if errors:
            raise NestedValidationError(errors)
        return services.log_sample(user=self.user, project=project, **values)

    def take(self, error):
        """Put what the services refused at the form and the field it is about."""
        nested = getattr(error, "nested", None)
        if nested is None:
            self.sample.take(error)
            return
        for name, form in (("sample", self.sample), ("process", self.making)):
            if name in nested:
                form.take(NestedValidationError(nested[name]))

    def add_error(self, field, text):
        self.sample.add_error(field, text)

    def non_field_errors(self):
        return [*self.sample.non_field_errors(), *self.making.non_field_errors()]

    @property
    def errors(self):
        return {**self.sample.errors, **self.making.errors}

    @property
    def has_wrong_rows(self):
        return self.making.has_wrong_rows

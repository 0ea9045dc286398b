"""A client signed in to a project with one sample."""

import json

import pytest
from rest_framework.test import APIClient

from tests.measurements.factories import pl_text, read_files
from tests.samples.factories import make_project, make_sample, make_user


class Lab:
    """One user's view of the API, with the worker's part done on request."""

    def __init__(self, user, sample):
        self.user, self.sample = user, sample
        self.client = APIClient()
        self.client.force_authenticate(user)

    def upload(self, data=None, name="pl.csv", *, read=True, headers=None, **fields):
        from django.core.files.uploadedfile import SimpleUploadedFile

        values = {"sample": self.sample.code, "technique": "pl", "analyse": "false"}
        values |= {
            key: json.dumps(value) if isinstance(value, dict) else value
            for key, value in fields.items()
        }
        content = pl_text() if data is None else data
        values.setdefault("file", SimpleUploadedFile(name, content, "text/csv"))
        answer = self.client.post(
            "/api/v1/measurements/", values, format="multipart", headers=headers or {}
        )
        if read:
            read_files()
        return answer

    def measured(self, *args, **fields):
        """Upload, let it be read, and give the measurement as it is then."""
        answer = self.upload(*args, **fields)
        assert answer.status_code == 201, answer.json()
        return self.get(f"measurements/{answer.json()['id']}/").json()

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path, body=None, **extra):
        return self.client.post(f"/api/v1/{path}", body, format="json", **extra)

    def patch(self, path, body, **extra):
        return self.client.patch(f"/api/v1/{path}", body, format="json", **extra)


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def project(user):
    return make_project(user)


@pytest.fixture
def sample(user, project):
    return make_sample(user, project)


@pytest.fixture
def api(user, sample):
    return Lab(user, sample)


@pytest.fixture
def as_user(sample):
    """The same lab as somebody else sees it."""
    return lambda user: Lab(user, sample)

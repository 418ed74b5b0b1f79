"""Static files: what is served, what is not, and how."""

from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from config.npm import FILES, NpmFinder

pytestmark = pytest.mark.skipif(
    not (Path(settings.BASE_DIR) / "node_modules").is_dir(), reason="npm packages are not installed"
)


@pytest.mark.parametrize("name", FILES)
def test_every_file_that_pages_may_use_is_installed(name: str) -> None:
    assert finders.find(f"npm/{name}")


@pytest.mark.parametrize(
    "path",
    ["npm/bootstrap/package.json", "npm/../package.json", "npm/bootstrap/../../manage.py", "bootstrap/package.json"],
)
def test_nothing_else_of_the_packages_is_found(path: str) -> None:
    assert NpmFinder().find(path) == []


def test_collecting_finds_the_same_files() -> None:
    assert [name for name, _ in NpmFinder().list(None)] == list(FILES)


def test_a_file_comes_whole_and_may_be_kept(client: Client) -> None:
    path = "/static/npm/htmx.org/dist/htmx.min.js"
    answer = client.get(path)
    assert answer.status_code == 200
    assert not answer.streaming
    assert answer["content-type"].startswith("text/javascript")
    assert "access-control-allow-origin" not in answer
    assert client.get(path, headers={"If-None-Match": answer["etag"]}).status_code == 304
    assert client.head(path).content == b""

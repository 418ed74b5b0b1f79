"""All addresses of the system, by app."""

from django.conf import settings
from django.urls import include, path

from config import views_development, views_operations

urlpatterns = [
    path("", include("correspondence.directory.urls")),
    path("", include("correspondence.urls")),
    path("", include("inbox.urls")),
    path("", include("search.urls")),
    path("operations/", views_operations.operations, name="operations"),
    path("operations/handoffs/<uuid:handoff_id>/retry/", views_operations.handoff_retry, name="handoff_retry"),
]

if not settings.PRODUCTION:
    urlpatterns += [path("development/", include(views_development.urlpatterns))]

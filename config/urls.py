"""All addresses of the system, by app."""

from django.conf import settings
from django.urls import include, path

from config import views_development

urlpatterns = [
    path("", include("correspondence.directory.urls")),
    path("", include("correspondence.urls")),
    path("", include("inbox.urls")),
    path("", include("search.urls")),
]

if not settings.PRODUCTION:
    urlpatterns += [path("development/", include(views_development.urlpatterns))]

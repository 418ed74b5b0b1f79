"""The ASGI application: pages over HTTP, and the socket of live updates.

In production the pages run on WSGI processes and this application serves `/ws/` alone; embedded it serves both.
"""

import os
from typing import Any, cast

import django
from a2wsgi import WSGIMiddleware
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.handlers.wsgi import WSGIHandler

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from inbox.routing import websocket_urlpatterns  # noqa: E402 - its models need the apps to be ready

application = ProtocolTypeRouter(
    {
        # Pages run on the WSGI application of production, each request in one thread with one database connection:
        # Django's own ASGI handler changes threads at every middleware, and each change waits while a run is delivered.
        "http": WSGIMiddleware(cast(Any, WSGIHandler()), workers=8),
        # A browser sends cookies with a socket's request whatever page asks, and names that page in Origin: without
        # this check any site could listen in its visitor's name. A request without Origin is refused, too.
        "websocket": AllowedHostsOriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)

"""The one socket of the system."""

from django.urls import path

from inbox.consumers import LiveConsumer

websocket_urlpatterns = [path("ws/", LiveConsumer.as_asgi())]

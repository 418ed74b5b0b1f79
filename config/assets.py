"""Static files for pages, the same under WSGI and ASGI."""

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


class AssetMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise that answers with the file's bytes instead of a synchronous stream.

    Under ASGI Django would read such a stream to its end in one go and warn about it. Our files are small.
    """

    @staticmethod
    def serve(static_file: StaticFile, request: HttpRequest) -> HttpResponse:
        """The file, or 304, or 405, with WhiteNoise's headers."""
        answer = static_file.get_response(request.method, request.META)
        content = b""
        if answer.file is not None:
            with answer.file as file:
                content = file.read()
        return HttpResponse(content, status=int(answer.status), headers=dict(answer.headers))

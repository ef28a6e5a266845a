"""In which language a page is: the one its reader chose, else the one their browser asks for; the API's is English."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

FIXED = "/api/"  # programs read these messages, and look for words in them


class LanguageMiddleware(LocaleMiddleware):
    """Django's choice of the language, except where programs read."""

    def process_request(self, request: HttpRequest) -> None:
        if request.path_info.startswith(FIXED):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.path_info.startswith(FIXED):
            return response
        return super().process_response(request, response)

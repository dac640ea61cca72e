"""The WSGI application, by a name of its own."""

from django.core.wsgi import get_wsgi_application

serve = get_wsgi_application()

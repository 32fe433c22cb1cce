"""The WSGI application, for any server: `granian --interface wsgi wsgi:app`."""

from service import create_app

app = create_app()

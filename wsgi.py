"""The WSGI application, for any server: `gunicorn wsgi:app`."""

from service import create_app

app = create_app()

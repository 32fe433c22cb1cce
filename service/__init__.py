"""How people and programs reach Exoscore: the REST API, its pages and the command line."""

from service.app import create_app
from service.settings import Settings

__all__ = ["Settings", "create_app"]

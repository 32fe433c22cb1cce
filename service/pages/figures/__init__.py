"""The figures of an answer: functions from its document to SVG markup, for every page that shows one."""

from service.pages.figures.comparison import comparison
from service.pages.figures.contributions import contributions
from service.pages.figures.position import position
from service.pages.figures.probability import probability

__all__ = ["comparison", "contributions", "position", "probability"]

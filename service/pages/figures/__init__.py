"""The figures of the pages: functions from what is shown to SVG markup."""

from service.pages.figures.comparison import comparison
from service.pages.figures.contributions import contributions
from service.pages.figures.position import position
from service.pages.figures.probability import probability
from service.pages.figures.tally import tally
from service.pages.figures.years import years

__all__ = ["comparison", "contributions", "position", "probability", "tally", "years"]

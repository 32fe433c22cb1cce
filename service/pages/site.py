"""The pages, together: one blueprint above those of the pages, so that what holds for one holds for all."""

from flask import Blueprint

from service.pages import sign_in
from service.pages.batch import job_views as batch_jobs
from service.pages.batch import upload_views as batch_uploads
from service.pages.compare import views as compare
from service.pages.design import views as design
from service.pages.findings import browse_views, edit_views, import_views
from service.pages.models import job_views as model_jobs
from service.pages.models import registry_views
from service.pages.score import views as score
from service.web import session

blueprint = Blueprint(session.PAGES, __name__)
session.init_blueprint(blueprint)
for section in (
    score,
    compare,
    design,
    batch_uploads,
    batch_jobs,
    import_views,
    edit_views,
    browse_views,
    model_jobs,
    registry_views,
    sign_in,
):
    blueprint.register_blueprint(section.blueprint)

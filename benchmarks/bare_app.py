"""The least that a Flask application can do with candidates: read the JSON and answer as many labels."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.post("/v1/scores")
def score() -> Response:
    """A label for each candidate."""
    return jsonify({"scores": [{"label": "undetermined"} for _ in request.get_json()["candidates"]]})

"""FastAPI with typed requests and answers; the endpoint is a plain function, which FastAPI runs in its threads."""

import os

import joblib
import pandas as pd
from fastapi import FastAPI
from fields import FIELDS, Candidate
from pydantic import BaseModel, Field

pipeline = joblib.load(os.environ["PIPELINE"])
app = FastAPI()


class Request(BaseModel):
    """The candidates."""

    candidates: list[Candidate] = Field(min_length=1)


class Answer(BaseModel):
    """The probability of suppressing of each."""

    probabilities: list[float]


@app.post("/predict")
def predict(asked: Request) -> Answer:
    """Probabilities of suppressing for a list of candidates."""
    rows = pd.DataFrame([one.model_dump() for one in asked.candidates], columns=FIELDS)
    return Answer(probabilities=pipeline.predict_proba(rows)[:, 1].tolist())

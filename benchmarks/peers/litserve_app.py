"""LitServe with two workers; where BATCH is set, with its batching of requests."""

import os
import sys

import joblib
import litserve
import pandas as pd

BATCHING = {"max_batch_size": 32, "batch_timeout": 0.002} if os.environ.get("BATCH") else {}


class Scorer(litserve.LitAPI):
    """The pipeline behind `/predict`."""

    def setup(self, device):
        """Loads the pipeline in each worker."""
        self.pipeline = joblib.load(os.environ["PIPELINE"])
        self.fields = list(self.pipeline.feature_names_in_)

    def decode_request(self, request):
        """A request as a data frame."""
        return pd.DataFrame(request["candidates"], columns=self.fields)

    def batch(self, inputs):
        """Several requests together: what `predict` cuts into requests again."""
        return list(inputs)

    def predict(self, x):
        """Probabilities of suppressing, of one request or of several together."""
        if not isinstance(x, list):
            return self.pipeline.predict_proba(x)[:, 1]
        found = iter(self.pipeline.predict_proba(pd.concat(x))[:, 1])
        return [[next(found) for _ in range(len(rows))] for rows in x]

    def unbatch(self, output):
        """Each request's part."""
        return list(output)

    def encode_response(self, output):
        """The answer."""
        return {"probabilities": [float(value) for value in output]}


if __name__ == "__main__":
    server = litserve.LitServer(Scorer(**BATCHING), accelerator="cpu", workers_per_device=2)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", generate_client_file=False)

"""The types of what is sent and answered, by resource. They are written from the OpenAPI document."""

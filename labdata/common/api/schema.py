"""OpenAPI details every operation shares: the problems it may answer with."""

from drf_spectacular.openapi import AutoSchema as BaseSchema

PROBLEM = {
    "type": "object",
    "required": ["type", "title", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Messages by field; rows of a list by index.",
            "additionalProperties": True,
        },
    },
}


class AutoSchema(BaseSchema):
    """Adds the problem answers, and says that a POST of records takes a list."""

    def get_operation(self, path, path_regex, path_prefix, method, registry):
        operation = super().get_operation(
            path, path_regex, path_prefix, method, registry
        )
        if operation is None:
            return None
        answers = {"400": "Needs mending", "401": "Sign in first", "404": "Not found"}
        answers["429"] = "Too many requests"
        if method != "GET":
            answers |= {"403": "Not allowed", "409": "Conflict", "413": "Too large"}
            answers["415"] = "Unknown kind of content"
        if method in ("PUT", "PATCH", "DELETE"):
            answers["412"] = "Changed meanwhile"
        for code, description in answers.items():
            operation["responses"].setdefault(
                code,
                {
                    "description": description,
                    "content": {"application/problem+json": {"schema": PROBLEM}},
                },
            )
        if method == "POST" and getattr(self.view, "takes_lists", False):
            self._allow_lists(operation)
        return operation

    def _allow_lists(self, operation):
        if getattr(self.view, "action", "") != "create":
            return
        content = operation.get("requestBody", {}).get("content", {})
        body = content.get("application/json")
        if body:
            one = body["schema"]
            body["schema"] = {
                "oneOf": [one, {"type": "array", "items": one, "minItems": 1}]
            }

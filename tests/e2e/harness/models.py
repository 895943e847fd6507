"""The models of the fragrance recipe, played by an endpoint of our own."""

import json

from harness.endpoint import Endpoint, smallest


class Models:
    """One endpoint for all three roles of the fragrance recipe. Those in `sick` answer with a fault, so many times;
    `name` is the model that it says it is."""

    def __init__(self, port: int = 0, name: str = "stand-in"):
        self.name = name
        self.sick: dict[str, int] = {}
        self.asked: list[str] = []
        self.endpoint = Endpoint(port)
        self.endpoint.spoil = self._answer
        self.url = self.endpoint.url

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1].split("/")[0])

    def close(self) -> None:
        self.endpoint.close()

    def _answer(self, request: dict):
        schema = request.get("response_format", {}).get("json_schema", {}).get("schema", {})
        fields = schema.get("properties", {})
        role = "qwen" if "style" in fields else "mistral" if "ifra_compliance" in fields else "llama"
        self.asked.append(role)
        if self.sick.get(role, 0) > 0:
            self.sick[role] -= 1
            return 500, b"{}"
        made = {
            "qwen": lambda: smallest(schema) | {"style": "floral", "product_category": "EDP"},
            "mistral": lambda: {"warnings": ["Mind the allergens."], "ifra_compliance": "compliant"},
            "llama": lambda: {"hints": ["Think of a window that is opened at dawn."]},
        }[role]()
        choice = {"index": 0, "message": {"role": "assistant", "content": json.dumps(made)}, "finish_reason": "stop"}
        return 200, json.dumps({"choices": [choice], "model": self.name}).encode()

"""A tool-calling agent of smolagents."""

import goods
from connection import model
from smolagents import Tool, ToolCallingAgent

TEXT, NUMBER = {"type": "string", "description": "text"}, {"type": "integer", "description": "n"}


class Stock(Tool):
    """The shelf."""

    name, description = "stock", goods.stock.__doc__
    inputs, output_type = {"item": TEXT}, "string"

    def forward(self, item: str) -> str:
        """Look."""
        return goods.stock(item)


class Price(Tool):
    """The price list."""

    name, description = "price", goods.price.__doc__
    inputs, output_type = {"item": TEXT}, "string"

    def forward(self, item: str) -> str:
        """Look."""
        return goods.price(item)


class Worth(Tool):
    """The till."""

    name, description = "worth", goods.worth.__doc__
    inputs, output_type = {"count": NUMBER, "price": NUMBER, "mark": TEXT}, "string"

    def forward(self, count: int, price: int, mark: str) -> str:
        """Reckon."""
        return goods.worth(count, price, mark)


goods.report(ToolCallingAgent(tools=[Stock(), Price(), Worth()], model=model).run(goods.PROMPT))

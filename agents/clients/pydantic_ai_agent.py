"""An agent of Pydantic AI, whole answers."""

import goods
from connection import model
from pydantic_ai import Agent

agent = Agent(model, instructions="You are a clerk.", tools=[goods.stock, goods.price, goods.worth])
goods.report(agent.run_sync(goods.PROMPT).output)

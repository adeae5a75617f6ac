"""A graph of LangGraph: a model, and tools until it asks for none."""

import goods
from connection import model
from langchain.agents import create_agent

graph = create_agent(
    model, tools=[goods.stock, goods.price, goods.worth], system_prompt="You are a clerk."
)
stream = graph.stream(
    {"messages": [{"role": "user", "content": goods.PROMPT}]}, stream_mode=["messages", "values"]
)
*_, (_, state) = stream
goods.report(state["messages"][-1].text)

"""A graph of LangGraph with its default recursion limit, and a model that never comes to an end."""

import json

import openai
from connection import model
from langchain.agents import create_agent
from langgraph.errors import GraphRecursionError

looked, ended = [], {}


def look(at: str) -> str:
    """Look what is there."""
    looked.append(at)
    return "The shelf is empty."


graph = create_agent(model, tools=[look])
try:
    graph.invoke({"messages": [{"role": "user", "content": "Find the part."}]})
except openai.APIStatusError as error:
    ended = {"error": type(error).__name__, "status": error.status_code, "said": str(error)}
except GraphRecursionError as error:
    ended = {"error": type(error).__name__, "status": 0, "said": str(error)}
print("\nRAN " + json.dumps({"turns": len(looked), **ended}), flush=True)

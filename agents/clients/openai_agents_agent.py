"""An agent of the OpenAI Agents SDK, streaming."""

import asyncio

import connection  # noqa: F401  (it sets the client for all agents)
import goods

from agents import Agent, Runner, function_tool


async def main() -> None:
    """Run it."""
    tools = [function_tool(each) for each in (goods.stock, goods.price, goods.worth)]
    agent = Agent(name="clerk", instructions="You are a clerk.", model="auto", tools=tools)
    result = Runner.run_streamed(agent, goods.PROMPT)
    async for _ in result.stream_events():
        pass
    goods.report(result.final_output)


asyncio.run(main())

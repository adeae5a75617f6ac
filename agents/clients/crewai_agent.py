"""A crew of one."""

import goods
from connection import llm
from crewai import Agent, Crew, Task
from crewai.tools import tool

clerk = Agent(
    role="clerk",
    goal="Tell what stock is worth",
    backstory="You work in a shop.",
    llm=llm,
    tools=[tool(each.__name__)(each) for each in (goods.stock, goods.price, goods.worth)],
)
task = Task(description=goods.PROMPT, expected_output="One sentence", agent=clerk)
goods.report(Crew(agents=[clerk], tasks=[task]).kickoff().raw)

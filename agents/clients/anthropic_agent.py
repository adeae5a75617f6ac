"""The agent's loop that Anthropic's SDK brings, streaming."""

import goods
from anthropic import beta_tool
from connection import client

runner = client.beta.messages.tool_runner(
    model="auto",
    max_tokens=2000,
    system="You are a clerk.",
    messages=[{"role": "user", "content": goods.PROMPT}],
    tools=[beta_tool(each) for each in (goods.stock, goods.price, goods.worth)],
    stream=True,
)
for stream in runner:
    message = stream.get_final_message()
goods.report("".join(block.text for block in message.content if block.type == "text"))

"""A loop on OpenAI's SDK as it is written everywhere, with a model that never comes to an end."""

import json

import openai
from connection import client

LOOK = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Look what is there.",
        "parameters": {"type": "object", "properties": {"at": {"type": "string"}}},
    },
}
MOST = 10_000

messages = [{"role": "user", "content": "Find the part."}]
turns, ended = 0, {}
try:
    while turns < MOST:
        answer = client.chat.completions.create(model="auto", messages=messages, tools=[LOOK])
        turns += 1
        message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            break
        for call in message.tool_calls:
            result = {"role": "tool", "tool_call_id": call.id, "content": "The shelf is empty."}
            messages.append(result)
except openai.APIStatusError as error:
    ended = {"error": type(error).__name__, "status": error.status_code, "said": str(error)}
print("\nRAN " + json.dumps({"turns": turns, **ended}), flush=True)

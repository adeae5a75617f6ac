"""An agent's loop on LiteLLM's SDK, streaming."""

import json
import sys

import goods
import litellm
from connection import gateway, model

TOOLS = {each.__name__: each for each in (goods.stock, goods.price, goods.worth)}
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}
FIELDS = {
    "stock": {"item": TEXT},
    "price": {"item": TEXT},
    "worth": {"count": NUMBER, "price": NUMBER, "mark": TEXT},
}
FUNCTIONS = [
    {
        "name": name,
        "description": TOOLS[name].__doc__,
        "parameters": {"type": "object", "properties": fields, "required": list(fields)},
    }
    for name, fields in FIELDS.items()
]


def completion() -> str:
    """Go on until the model asks for no tool, in the words of chat completions."""
    messages = [
        {"role": "system", "content": "You are a clerk."},
        {"role": "user", "content": goods.PROMPT},
    ]
    tools = [{"type": "function", "function": each} for each in FUNCTIONS]
    while True:
        stream = litellm.completion(
            model=model, messages=messages, tools=tools, stream=True, **gateway
        )
        answer = litellm.stream_chunk_builder(list(stream), messages=messages)
        message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True))
        if not message.tool_calls:
            return message.content
        for call in message.tool_calls:
            result = TOOLS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def responses() -> str:
    """Go on until the model asks for no tool, in the words of responses."""
    items = [{"role": "user", "content": goods.PROMPT}]
    tools = [{"type": "function", **each} for each in FUNCTIONS]
    while True:
        answer = litellm.responses(model=model, input=items, tools=tools, **gateway)
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return answer.output_text
        items += [item.model_dump(exclude_none=True) for item in answer.output]
        for call in calls:
            result = TOOLS[call.name](**json.loads(call.arguments))
            items.append(
                {"type": "function_call_output", "call_id": call.call_id, "output": result}
            )


goods.report(responses() if sys.argv[1] == "responses" else completion())

"""An agent's loop on OpenAI's SDK, streaming: the whole of it is here."""

import json
import sys

import goods
from connection import client

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
        "parameters": {
            "type": "object",
            "properties": fields,
            "required": list(fields),
            "additionalProperties": False,
        },
        "strict": True,
    }
    for name, fields in FIELDS.items()
]


def chat() -> str:
    """Go on until the model asks for no tool, over chat completions."""
    messages = [
        {"role": "developer", "content": "You are a clerk."},
        {"role": "user", "content": goods.PROMPT},
    ]
    tools = [{"type": "function", "function": each} for each in FUNCTIONS]
    while True:
        with client.chat.completions.stream(
            model="auto", messages=messages, tools=tools, stream_options={"include_usage": True}
        ) as stream:
            answer = stream.get_final_completion()
        assert answer.usage is not None
        message = answer.choices[0].message
        messages.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
        if not message.tool_calls:
            return message.content or ""
        for call in message.tool_calls:
            result = TOOLS[call.function.name](**json.loads(call.function.arguments))
            messages.append({"role": "tool", "tool_call_id": call.id, "content": result})


def responses() -> str:
    """Go on until the model asks for no tool, over responses."""
    items = [{"role": "user", "content": goods.PROMPT}]
    tools = [{"type": "function", **each} for each in FUNCTIONS]
    while True:
        with client.responses.stream(
            model="auto", instructions="You are a clerk.", input=items, tools=tools
        ) as stream:
            answer = stream.get_final_response()
        assert answer.usage is not None
        calls = [item for item in answer.output if item.type == "function_call"]
        if not calls:
            return answer.output_text
        items += [
            item.model_dump(exclude_none=True, exclude={"parsed_arguments"})
            for item in answer.output
        ]
        for call in calls:
            result = TOOLS[call.name](**json.loads(call.arguments))
            items.append(
                {"type": "function_call_output", "call_id": call.call_id, "output": result}
            )


goods.report(chat() if sys.argv[1] == "chat" else responses())

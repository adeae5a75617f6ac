"""What a provider says in the simplest case: Hello!, whole and streamed, in OpenAI's dialect."""

import msgspec

from support.town import saying, target

ANSWER = {
    "id": "c",
    "object": "chat.completion",
    "created": 1,
    "model": "m",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello!"},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
}
WHOLE = saying(msgspec.json.encode(ANSWER))


def frame(text: str, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    body = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return b"data: " + msgspec.json.encode({**body, "choices": [choice]}) + b"\n\n"


FRAMES = [frame("Hel"), frame("lo!"), frame("", "stop"), b"data: [DONE]\n\n"]


class Paper:
    """A config file that is rewritten; of its targets each costs more than the one before."""

    def __init__(self, *names: str, port: int = 9) -> None:
        self.port = port
        self.write(*names)

    def write(self, *names: str) -> None:
        url = f"http://127.0.0.1:{self.port}/v1"
        self.content = msgspec.json.encode(
            {
                "providers": {"sim": {"dialect": "openai-chat", "base_url": url}},
                "targets": {
                    name: target("sim", price={"input_usd": number, "output_usd": 4 * number})
                    for number, name in enumerate(names, 1)
                },
                "ledger": {"path": ":memory:"},
            }
        )

    def read(self) -> bytes:
        return self.content

"""What callers can want: an answer, something about one, or what is passed through as it is."""

from enum import Enum


class Endpoint(Enum):
    """What is wanted. The value is what the ledger and the config file say."""

    ANSWER = "answer"
    COUNT = "count"
    """Only how many tokens the input has; the answer is one piece whose Finished has the usage."""
    EMBED = "embed"
    """Vectors for texts; the answer is one piece, in the shape and the form that was asked for."""

    FILES = "files"
    """Files and uploads of OpenAI's kind."""
    BATCHES = "batches"
    """Batches of OpenAI's kind."""
    VECTOR_STORES = "vector_stores"
    AUDIO = "audio"
    """Speech, transcriptions, translations."""
    IMAGES = "images"
    MODERATIONS = "moderations"
    MESSAGE_BATCHES = "message_batches"
    """Batches of Anthropic's kind."""
    MESSAGE_FILES = "message_files"
    """Files of Anthropic's kind."""

    @property
    def passed(self) -> bool:
        """Whether it is passed through, and no word of it is translated."""
        return self not in READ


READ = (Endpoint.ANSWER, Endpoint.COUNT, Endpoint.EMBED)
"""What is read, decided and, where that must be, translated."""

"""Put layers around a core. Their order is a literal list in app.py."""

from collections.abc import Sequence

from switchgear.ports.handler import Handler, Layer


def stack(layers: Sequence[Layer], core: Handler) -> Handler:
    """Wrap ``core`` so that ``layers[0]`` sees the call first and the reply last."""
    handler = core
    for layer in reversed(layers):
        handler = layer(handler)
    return handler

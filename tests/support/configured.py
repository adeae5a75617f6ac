"""A config file with a bit of everything, and what it comes to."""

from switchgear.config.read import read_setup
from switchgear.config.setup import Setup
from switchgear.domain.units import UnixMs

AT = UnixMs(1_795_000_000_000)
TEXT = """\
providers:
  openai: {dialect: openai-chat, base_url: "https://api.openai.com/v1/", api_key: "${KEY}",
           region: us, headers: {X-Team: a}}
targets:
  openai/gpt-4o-mini: {provider: openai, tier: small}
  openai/gpt-5.2: {provider: openai, tier: frontier, region: eu, sensitivity: internal, quality: 1}
  planner:
    {kind: agent, provider: openai, tier: mid, window: 9000, price: {input_usd: 0.1, output_usd: 1}}
  sum:
    kind: tool
    tool: {function: arithmetic, arguments: {pattern: "(?P<expression>[0-9+]+)"}, schema: {}}
aliases:
  auto: {last: [sum]}
  strong: {tiers: [mid, frontier], tier: mid}
rules:
  - {name: prod, when: 'metadata.env == "prod" && "team" in metadata',
     then: {tier: frontier, cost_ceiling_usd: 0.25, regions: [eu], sensitivity: internal}}
keys:
  - {id: ci, secret: "${SECRET}", mode: observe, metadata: {b: "2", a: "1"}}
  - {id: me, secret: other}
patience: {connect_s: 1}
server: {max_body_bytes: 5}
"""
ENVIRONMENT = {"KEY": "sk-1", "SECRET": "sw-1"}


def setup(text: str = TEXT, **environment: str) -> Setup:
    return read_setup(text.encode(), {**ENVIRONMENT, **environment}, AT).setup

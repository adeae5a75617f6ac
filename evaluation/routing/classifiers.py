"""LiteLLM's local classifiers on a list of prompts; runs where LiteLLM is installed, not here.

Reads a JSON list of prompts, and prints for each classifier a list of scores: the higher, the more
a prompt is held to need a strong model.
"""

import json
import os
import sys
from importlib.metadata import version

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # nothing is fetched

from litellm.router_strategy.complexity_router.complexity_router import ComplexityRouter

TIERS = {"SIMPLE": "weak", "MEDIUM": "weak", "COMPLEX": "strong", "REASONING": "strong"}
ORDER = list(TIERS)


def router(kind):
    """Return a router of LiteLLM's own defaults, with this classifier."""
    return ComplexityRouter(
        model_name="auto",
        litellm_router_instance=None,
        complexity_router_config={"classifier_type": kind, "tiers": TIERS},
    )


def main():
    """Classify all prompts by each classifier."""
    prompts = json.load(sys.stdin)
    plain, trained = router("heuristic"), router("heuristic_v2")
    judged = [plain.classify(each) for each in prompts]
    forecast = trained._classify_with_heuristic_v2  # noqa: SLF001  (the public way tells no score)
    forecasts = [forecast(each) for each in prompts]
    print(
        json.dumps(
            {
                "version": version("litellm"),
                "scores": {
                    "heuristic": [score for _, score, _ in judged],
                    "heuristic_v2": [
                        1 - each.heuristic_v2_forecast["probabilities"]["SIMPLE"]
                        for each in forecasts
                    ],
                },
                "tiers": {
                    "heuristic": [ORDER.index(tier.value) for tier, _, _ in judged],
                    "heuristic_v2": [ORDER.index(each.tier.value) for each in forecasts],
                },
            }
        )
    )


if __name__ == "__main__":
    main()

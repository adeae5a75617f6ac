"""Whether requests to Amazon Bedrock can be signed."""

from collections.abc import Iterator

from switchgear.config.aws import REGION, region_of
from switchgear.config.error import Finding, Path
from switchgear.config.schema import AwsEntry, ProviderEntry
from switchgear.config.service import Service
from switchgear.config.verify.google import installed
from switchgear.config.verify.subject import Subject, found
from switchgear.domain.dialect import Dialect

LIBRARY = "botocore.auth"


def check_aws(subject: Subject) -> Iterator[Finding]:
    """Find settings for AWS elsewhere, halves of a key, no region, and a library missing."""
    for name, provider in subject.file.providers.items():
        path = ("providers", name)
        if provider.aws:
            yield from _settings(path, provider, provider.aws)
        if provider.service is Service.BEDROCK:
            yield from _service(path, provider)


def _settings(path: Path, provider: ProviderEntry, aws: AwsEntry) -> Iterator[Finding]:
    here = (*path, "aws")
    keys = bool(aws.access_key_id or aws.secret_access_key or aws.session_token)
    if provider.service is not Service.BEDROCK:
        yield found("misplaced_setting", here, "it is only read for service: bedrock")
    elif provider.api_key and (keys or aws.profile):
        message = "the api_key would be sent instead; delete one of the two"
        yield found("misplaced_setting", here, message)
    elif keys and aws.profile:
        message = "the keys written here would be used; delete them or the profile"
        yield found("misplaced_setting", (*here, "profile"), message)
    elif keys and not (aws.access_key_id and aws.secret_access_key):
        message = "access_key_id and secret_access_key belong together; write both or neither"
        yield found("missing_key", here, message)
    if aws.region and not REGION.fullmatch(aws.region):
        yield found("bad_region", (*here, "region"), "a region is written like eu-central-1")


def _service(path: Path, provider: ProviderEntry) -> Iterator[Finding]:
    if provider.dialect not in {None, Dialect.BEDROCK_CONVERSE}:
        message = "service: bedrock speaks bedrock-converse; write that, or another service"
        yield found("misplaced_setting", (*path, "dialect"), message)
    if provider.api_key:
        return
    if not region_of(provider):
        message = "aws.region is missing: requests are signed for one, such as eu-central-1"
        yield found("missing_key", path, message)
    if not installed(LIBRARY):
        message = "its requests are signed with botocore; install switchgear[bedrock]"
        yield found("missing_extra", path, message)

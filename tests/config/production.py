"""An environment as a deployment sets it, with drivers of ports that stand in for the deployment's own."""

from typing import Any

ENVIRONMENT = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "q7w-a-long-random-value-of-this-deployment-alone-2v9XkZp4Lr8Tn3",
    "ALLOWED_HOSTS": "inbox.example.gov",
    "PUBLIC_URL": "https://inbox.example.gov",
    "DATABASE_HOST": "database.internal",
    "DATABASE_PASSWORD": "not-used-by-checks",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "EVIDENCE_LOG_ORIGIN": "inbox.example.gov/log",
    "DOCUMENTS_BACKEND": f"{__name__}.Driver",
    "SIGNING_SEAL_BACKEND": f"{__name__}.Driver",
    "SIGNING_PERSONAL_BACKEND": f"{__name__}.Driver",
    "SIGNING_LOG_BACKEND": f"{__name__}.Driver",
    "SIGNING_TIMESTAMP_BACKEND": f"{__name__}.Driver",
    "SEARCH_BACKEND": f"{__name__}.Driver",
    "SMS_BACKEND": f"{__name__}.Driver",
    "PERSON_REGISTER_BACKEND": f"{__name__}.Driver",
}


class Driver:
    """Stands for a hardware signer, an object store, an SMS gateway: checks look at names, not at answers."""

    def check(self) -> list[Any]:
        """All is well."""
        return []

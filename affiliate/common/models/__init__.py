from affiliate.common.models.audit import AuditEntry
from affiliate.common.models.idempotency import IdempotencyKey
from affiliate.common.models.notices import Notice
from affiliate.common.models.outbox import OutboxMessage
from affiliate.common.models.users import User

__all__ = ["AuditEntry", "IdempotencyKey", "Notice", "OutboxMessage", "User"]

from affiliate.common.models.users import User

__all__ = ["User"]

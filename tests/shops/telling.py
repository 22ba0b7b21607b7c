"""What people of shops were told."""

from affiliate.common.models import Notice


def told_people(*people):
    """Return the topics that each of these was told, by the id of who was told any."""
    found = {}
    for notice in Notice.objects.filter(user__in=people).order_by("pk"):
        topic = notice.topic.partition("/")[2]
        found.setdefault(notice.user_id, []).append(topic)
    return found

from django.urls import path

from creators.api import enrollments

urlpatterns = [
    path("enrollments", enrollments.Enrollments.as_view()),
    path("enrollments/<int:pk>/approve", enrollments.Approve.as_view()),
    path("enrollments/<int:pk>/reject", enrollments.Reject.as_view()),
    path("enrollments/<int:pk>/end", enrollments.End.as_view()),
]

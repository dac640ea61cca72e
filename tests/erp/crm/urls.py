"""Every URL of the reference ERP."""

from django.contrib.auth import views as auth_views
from django.urls import include, path

from . import views

urlpatterns = [
    path("health/", views.health, name="health"),
    path("health-check/", views.health),
    path("accounts/login/", auth_views.LoginView.as_view(), name="login"),
    path("slow/", views.slow, name="slow"),
    path("stats/", views.stats, name="stats"),
    path("tasks/count/", views.count_tasks, name="count_tasks"),
    path("orders/", include("orders.urls")),
    path("cutting/", include("cutting.urls")),
    path("", include("public.urls")),
]

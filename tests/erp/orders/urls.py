from django.urls import path

from . import views

urlpatterns = [
    path("", views.newest, name="orders"),
    path("create/", views.create, name="create_order"),
]

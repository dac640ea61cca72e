from django.urls import path

from . import views

urlpatterns = [
    path("items/<int:pk>/complete/", views.complete, name="complete_cutting_item"),
    path("<int:pk>/stock/", views.stock, name="cutting_stock"),
]

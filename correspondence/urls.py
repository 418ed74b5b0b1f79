"""Addresses of the clerk's and approver's desk: one per verb."""

from django.urls import path

from correspondence import views, views_composing

urlpatterns = [
    path("desk/", views.desk, name="desk"),
    path("letters/new/", views_composing.letter_new, name="letter_new"),
    path("letters/<uuid:letter_id>/edit/", views_composing.letter_edit, name="letter_edit"),
    path("letters/<uuid:letter_id>/attachments/", views_composing.attachment_add, name="attachment_add"),
    path(
        "letters/<uuid:letter_id>/attachments/<uuid:attachment_id>/", views.letter_attachment, name="letter_attachment"
    ),
    path(
        "letters/<uuid:letter_id>/attachments/<uuid:attachment_id>/removal/",
        views_composing.attachment_remove,
        name="attachment_remove",
    ),
    path("letters/<uuid:letter_id>/recipients/", views_composing.recipients_upload, name="recipients_upload"),
    path("letters/<uuid:letter_id>/submission/", views_composing.letter_submission, name="letter_submission"),
    path("letters/<uuid:letter_id>/return/", views.letter_return, name="letter_return"),
    path("letters/<uuid:letter_id>/approval/", views.letter_approval, name="letter_approval"),
    path("letters/<uuid:letter_id>/approval/code/", views.letter_approval_code, name="letter_approval_code"),
    path("letters/<uuid:letter_id>/dispatch/", views.letter_dispatch, name="letter_dispatch"),
    path("letters/<uuid:letter_id>/letter.pdf", views.letter_pdf, name="letter_pdf"),
    path("letters/<uuid:letter_id>/preview.pdf", views.letter_preview, name="letter_preview"),
]

"""Addresses of the mailbox, of incoming letters, and of a letter with its deliveries."""

from django.urls import path

from inbox import views, views_staff

urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<uuid:notice_id>/", views.notice, name="notice"),
    path("inbox/<uuid:notice_id>/opening/", views.notice_opening, name="notice_opening"),
    path("inbox/<uuid:notice_id>/letter.pdf", views.notice_pdf, name="notice_pdf"),
    path("inbox/<uuid:notice_id>/attachments/<uuid:attachment_id>/", views.notice_attachment, name="notice_attachment"),
    path("inbox/<uuid:notice_id>/proof.asice", views.notice_proof, name="notice_proof"),
    path("incoming/", views_staff.incoming, name="incoming"),
    path("incoming/<uuid:notice_id>/", views_staff.incoming_letter, name="incoming_letter"),
    path("incoming/<uuid:notice_id>/registration/", views_staff.incoming_registration, name="incoming_registration"),
    path("letters/<uuid:letter_id>/", views_staff.letter, name="letter"),
    path("letters/<uuid:letter_id>/result.csv", views_staff.letter_result, name="letter_result"),
    path("verify/", views.verify_code, name="verify_code"),
    path("verify/<str:code>/", views.verify_code, name="verify_code_of"),
]

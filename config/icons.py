"""Names of the icons that pages may use: those of bootstrap-icons that are in karpusheh/images/icons.svg.

To use another one, add its name here and run scripts/build_icons.py; a test keeps the two alike.
"""

# Drawn by us in scripts/build_icons.py: the seal, and the seal that was checked.
OWN_ICONS = frozenset({"star", "star-check"})
ICONS = frozenset(
    """
activity alarm archive arrow-90deg-left arrow-clockwise arrow-counterclockwise arrow-down arrow-left arrow-left-right
arrow-repeat arrow-return-left arrow-right arrow-up award ban bank bank2 bar-chart bell bell-fill bell-slash
blockquote-left box-arrow-left box-arrow-right box-arrow-up-right briefcase-fill broadcast-pin building buildings
calendar3 calendar-event car-front-fill card-list chat-left-text check2 check2-all check-circle check-circle-fill
check-lg chevron-down chevron-left chevron-right chevron-up circle circle-fill circle-half clipboard-check clock
clock-history cloud-arrow-up copy credit-card-2-front-fill dash database diagram-3 download droplet-half envelope
envelope-fill envelope-open envelope-open-fill envelope-x exclamation-circle exclamation-circle-fill
exclamation-octagon-fill exclamation-triangle-fill eye eye-slash file-earmark file-earmark-arrow-up
file-earmark-check file-earmark-image file-earmark-lock file-earmark-pdf file-earmark-plus file-earmark-spreadsheet
file-earmark-text file-earmark-x file-earmark-zip filter fingerprint fire flag folder folder2-open gear geo-alt globe2
hammer hash heart-pulse heart-pulse-fill hourglass hourglass-split house inbox inboxes inboxes-fill info-circle
info-circle-fill journal-check journal-text key keyboard layers lightning lightning-charge-fill lightning-fill link-45deg
list list-check list-ol list-ul lock-fill mailbox moon-stars paperclip patch-check-fill pause pen pencil pencil-square
people person person-badge person-check person-circle person-vcard phone play plus-lg printer qr-code question-circle
receipt receipt-cutoff reply router-fill safe2 search send send-check send-fill server shield-check shield-exclamation
shield-lock signpost-split slash-circle sliders sort-down speedometer2 sun table telephone three-dots
three-dots-vertical tools translate trash type-bold type-h2 umbrella-fill upload vector-pen wifi-off x-circle-fill x-lg
x-square
""".split()
)

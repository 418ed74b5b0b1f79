"""Signing in: the two questions that the door asks."""

from django import forms
from django.utils.translation import gettext_lazy as _

from correspondence.directory.identifiers import InvalidIdentifier, national_code


class SignInForm(forms.Form):
    """National code, in any digits."""

    national_code = forms.CharField(
        label=_("National code"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "username", "dir": "ltr", "autofocus": True}
        ),
        help_text=_("The ten digits on your national card. Leading zeros belong to it."),
        error_messages={"required": _("Type your national code: ten digits.")},
    )

    def clean_national_code(self) -> str:
        try:
            return national_code(self.cleaned_data["national_code"])
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error.message), code=error.code) from error


class CodeForm(forms.Form):
    """The six digits that were sent, in any digits and with any spaces."""

    code = forms.CharField(
        label=_("One-time code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "dir": "ltr", "autofocus": True}
        ),
        error_messages={"required": _("Type the six digits of the code.")},
    )

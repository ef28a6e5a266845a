"""Signing in and out, and passwords: Django's own views with our words."""

from django import forms
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


class SignInForm(AuthenticationForm):
    """E-mail address and password, with one message that does not tell which of them is wrong."""

    username = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {
        "invalid_login": _("That address and password do not belong together. Check both and try again."),
        "inactive": _("This account is closed. Write to the coordinator of your study."),
    }

    def clean_username(self) -> str:
        """In small letters: attempts under other spellings count as the same person's."""
        return str(self.cleaned_data["username"]).lower()


class SetPassword(SuccessMessageMixin, views.PasswordResetConfirmView):
    """The page behind an invitation: a first password, and then one is signed in."""

    template_name = "registration/set_password.html"
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"
    success_url = reverse_lazy("home")
    success_message = _("Your password is set and you are signed in.")


class ChangePassword(SuccessMessageMixin, views.PasswordChangeView):
    """A new password for somebody who knows the old one."""

    template_name = "registration/change_password.html"
    success_url = reverse_lazy("home")
    success_message = _("Your password is changed.")


sign_in = views.LoginView.as_view(
    template_name="registration/login.html",
    authentication_form=SignInForm,
    redirect_authenticated_user=True,
)
sign_out = views.LogoutView.as_view()
set_password = SetPassword.as_view()
change_password = ChangePassword.as_view()

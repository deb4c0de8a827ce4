"""What the pages may send: every field of every form, and nothing else is read."""

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length


class SignIn(FlaskForm):
    """Name and password. Whether they fit is for sessions.py to say, so nothing is told here."""

    username = StringField(validators=[InputRequired(), Length(max=200)])
    password = PasswordField(validators=[InputRequired(), Length(max=4096)])


class Code(FlaskForm):
    """The one-time code."""

    code = StringField(validators=[InputRequired(), Length(max=20)])


class Language(FlaskForm):
    """Danish or English."""

    language = RadioField(choices=["da", "en"], validators=[InputRequired()])
    back = StringField(validators=[Length(max=500)])


class Password(FlaskForm):
    """The password one has, and the one that is to come, twice."""

    password = PasswordField(validators=[InputRequired(), Length(max=4096)])
    new = PasswordField(validators=[InputRequired(), Length(max=4096)])
    again = PasswordField(validators=[InputRequired(), Length(max=4096)])

"""Calls pycognito for a test in another language.

Each line on standard input is a call in JSON: the user object, the method and
the keywords. Each line on standard output is the outcome of a call.
"""

import json
import sys

from botocore.exceptions import ClientError
from pycognito import AWSSRP, Cognito
from pycognito.aws_srp import generate_hash_device


def sign_in_on_device(user, password, **device):
    """Signs in with AWSSRP, because Cognito.authenticate knows no devices."""
    srp = AWSSRP(
        username=user.username,
        password=password,
        pool_id=user.user_pool_id,
        client_id=user.client_id,
        client_secret=user.client_secret,
        client=user.client,
        **device,
    )
    return srp.authenticate_user()["AuthenticationResult"]


def confirm_device(user, access_token, key, group_key):
    """Confirms a device. AWSSRP.confirm_device ignores the endpoint."""
    password, verifier = generate_hash_device(group_key, key)
    user.client.confirm_device(
        AccessToken=access_token,
        DeviceKey=key,
        DeviceSecretVerifierConfig=verifier,
    )
    return {
        "device_key": key,
        "device_group_key": group_key,
        "device_password": password,
    }


def metadata(user):
    """Returns the values that pycognito keeps of AdminGetUser."""
    return user.admin_get_user()._metadata


def profile(user):
    """Returns the attributes of get_user."""
    shown = user.get_user()
    return {**shown._data, "email_verified": shown.email_verified}


def save_profile(user, admin=False, **changes):
    """Changes attributes with the object of a user."""
    shown = user.admin_get_user() if admin else user.get_user()
    for name, value in changes.items():
        setattr(shown, name, value)
    shown.save(admin=admin)


def usernames(user):
    """Returns the user names of the pool."""
    return [shown.username for shown in user.get_users()]


def group(user, name):
    """Returns a group of the pool."""
    return vars(user.get_group(name))


def groups(user):
    """Returns the names of the groups of the pool."""
    return [shown.group_name for shown in user.get_groups()]


FUNCTIONS = {
    "sign_in_on_device": sign_in_on_device,
    "confirm_device": confirm_device,
    "metadata": metadata,
    "profile": profile,
    "save_profile": save_profile,
    "usernames": usernames,
    "group": group,
    "groups": groups,
}
TOKENS = ("access_token", "id_token", "refresh_token")


def main():
    users = {}
    for line in sys.stdin:
        call = json.loads(line)
        number, method, keywords = call["user"], call["method"], call["with"]
        try:
            if method == "Cognito":
                users[number] = Cognito(**keywords)
                result = None
            elif method in FUNCTIONS:
                result = FUNCTIONS[method](users[number], **keywords)
            else:
                result = getattr(users[number], method)(**keywords)
            tokens = {name: getattr(users[number], name) for name in TOKENS}
            outcome = {"result": result, "tokens": tokens}
        except ClientError as error:
            refusal = error.response["Error"]
            outcome = {"error": refusal["Code"], "message": refusal["Message"]}
        except Exception as error:  # the test decides about the exception
            outcome = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(outcome, default=str), flush=True)


main()

"""A user pool in fixtures for moto, as in the tests of a Python program.

The file runs against moto. With AWS_ENDPOINT_URL, the file runs against another
server, because mock_aws lets calls to addresses outside AWS pass.
"""

import base64
import hashlib
import hmac
import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from pycognito.aws_srp import AWSSRP

PASSWORD = "Correct-horse-1"


@pytest.fixture(autouse=True)
def aws_credentials(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture
def cognito(aws_credentials):
    with mock_aws():
        yield boto3.client("cognito-idp")


@pytest.fixture
def pool_id(cognito):
    made = cognito.create_user_pool(
        PoolName="fixtures",
        AliasAttributes=["email"],
        AutoVerifiedAttributes=["email"],
        Policies={"PasswordPolicy": {"MinimumLength": 10, "RequireNumbers": True}},
        Schema=[{"Name": "team", "AttributeDataType": "String", "Mutable": True}],
    )
    yield made["UserPool"]["Id"]


def make_client(cognito, pool_id, **more):
    made = cognito.create_user_pool_client(
        UserPoolId=pool_id,
        ClientName="app",
        ExplicitAuthFlows=[
            "ALLOW_ADMIN_USER_PASSWORD_AUTH",
            "ALLOW_USER_PASSWORD_AUTH",
            "ALLOW_USER_SRP_AUTH",
            "ALLOW_REFRESH_TOKEN_AUTH",
        ],
        **more,
    )
    return made["UserPoolClient"]


@pytest.fixture
def client_id(cognito, pool_id):
    return make_client(cognito, pool_id)["ClientId"]


@pytest.fixture
def alice(cognito, pool_id):
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="alice",
        UserAttributes=[
            {"Name": "email", "Value": "alice@example.com"},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "custom:team", "Value": "blue"},
        ],
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(
        UserPoolId=pool_id, Username="alice", Password=PASSWORD, Permanent=True
    )
    return "alice"


def sign_in(cognito, pool_id, client_id, username, password=PASSWORD, **more):
    return cognito.admin_initiate_auth(
        UserPoolId=pool_id,
        ClientId=client_id,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password, **more},
    )


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def values(attributes):
    return {attribute["Name"]: attribute["Value"] for attribute in attributes}


def test_admin_sign_in(cognito, pool_id, client_id, alice):
    tokens = sign_in(cognito, pool_id, client_id, alice)["AuthenticationResult"]
    assert tokens["TokenType"] == "Bearer"
    access = claims(tokens["AccessToken"])
    assert access["token_use"] == "access"
    assert access["client_id"] == client_id
    identity = claims(tokens["IdToken"])
    assert identity["aud"] == client_id
    assert identity["cognito:username"] == alice
    assert pool_id in access["iss"]


def test_wrong_password(cognito, pool_id, client_id, alice):
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(cognito, pool_id, client_id, alice, "Wrong-horse-1")


def test_unknown_user(cognito, pool_id, client_id):
    with pytest.raises(ClientError) as caught:
        sign_in(cognito, pool_id, client_id, "nobody")
    assert caught.value.response["Error"]["Code"] == "UserNotFoundException"


def test_srp(cognito, pool_id, client_id, alice):
    srp = AWSSRP(
        username=alice,
        password=PASSWORD,
        pool_id=pool_id,
        client_id=client_id,
        client=cognito,
    )
    tokens = srp.authenticate_user()["AuthenticationResult"]
    shown = cognito.get_user(AccessToken=tokens["AccessToken"])
    assert shown["Username"] == alice
    assert values(shown["UserAttributes"])["email"] == "alice@example.com"


def test_client_with_a_secret(cognito, pool_id, alice):
    app = make_client(cognito, pool_id, GenerateSecret=True)
    text = (alice + app["ClientId"]).encode()
    digest = hmac.new(app["ClientSecret"].encode(), text, hashlib.sha256).digest()
    proof = base64.b64encode(digest).decode()
    shown = sign_in(cognito, pool_id, app["ClientId"], alice, SECRET_HASH=proof)
    assert shown["AuthenticationResult"]["AccessToken"]
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        cognito.initiate_auth(
            ClientId=app["ClientId"],
            AuthFlow="USER_SRP_AUTH",
            AuthParameters={"USERNAME": alice, "SRP_A": "1f", "SECRET_HASH": "AAAA"},
        )


def test_temporary_password(cognito, pool_id, client_id):
    cognito.admin_create_user(
        UserPoolId=pool_id,
        Username="bob",
        TemporaryPassword="Temporary-horse-1",
        MessageAction="SUPPRESS",
    )
    asked = sign_in(cognito, pool_id, client_id, "bob", "Temporary-horse-1")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    answered = cognito.admin_respond_to_auth_challenge(
        UserPoolId=pool_id,
        ClientId=client_id,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        ChallengeResponses={"USERNAME": "bob", "NEW_PASSWORD": PASSWORD},
        Session=asked["Session"],
    )
    assert answered["AuthenticationResult"]["IdToken"]
    shown = cognito.admin_get_user(UserPoolId=pool_id, Username="bob")
    assert shown["UserStatus"] == "CONFIRMED"


def test_refresh(cognito, pool_id, client_id, alice):
    tokens = sign_in(cognito, pool_id, client_id, alice)["AuthenticationResult"]
    refreshed = cognito.initiate_auth(
        ClientId=client_id,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": tokens["RefreshToken"]},
    )["AuthenticationResult"]
    assert claims(refreshed["AccessToken"])["sub"] == claims(tokens["IdToken"])["sub"]


def test_groups(cognito, pool_id, client_id, alice):
    cognito.create_group(UserPoolId=pool_id, GroupName="staff", Precedence=1)
    cognito.admin_add_user_to_group(
        UserPoolId=pool_id, Username=alice, GroupName="staff"
    )
    tokens = sign_in(cognito, pool_id, client_id, alice)["AuthenticationResult"]
    assert claims(tokens["AccessToken"])["cognito:groups"] == ["staff"]
    members = cognito.list_users_in_group(UserPoolId=pool_id, GroupName="staff")
    assert [user["Username"] for user in members["Users"]] == [alice]
    groups = cognito.admin_list_groups_for_user(UserPoolId=pool_id, Username=alice)
    assert [group["GroupName"] for group in groups["Groups"]] == ["staff"]


def test_list_users(cognito, pool_id, alice):
    cognito.admin_create_user(
        UserPoolId=pool_id, Username="carol", MessageAction="SUPPRESS"
    )
    everyone = cognito.list_users(UserPoolId=pool_id)["Users"]
    assert sorted(user["Username"] for user in everyone) == ["alice", "carol"]
    found = cognito.list_users(UserPoolId=pool_id, Filter='email = "alice@example.com"')
    assert [user["Username"] for user in found["Users"]] == [alice]


def test_disabled_and_deleted(cognito, pool_id, client_id, alice):
    cognito.admin_disable_user(UserPoolId=pool_id, Username=alice)
    with pytest.raises(cognito.exceptions.NotAuthorizedException):
        sign_in(cognito, pool_id, client_id, alice)
    cognito.admin_enable_user(UserPoolId=pool_id, Username=alice)
    sign_in(cognito, pool_id, client_id, alice)
    cognito.admin_delete_user(UserPoolId=pool_id, Username=alice)
    with pytest.raises(cognito.exceptions.UserNotFoundException):
        cognito.admin_get_user(UserPoolId=pool_id, Username=alice)


def test_attributes(cognito, pool_id, alice):
    cognito.admin_update_user_attributes(
        UserPoolId=pool_id,
        Username=alice,
        UserAttributes=[{"Name": "custom:team", "Value": "green"}],
    )
    shown = cognito.admin_get_user(UserPoolId=pool_id, Username=alice)
    assert values(shown["UserAttributes"])["custom:team"] == "green"
    assert shown["Enabled"] is True


def test_weak_password(cognito, pool_id, alice):
    with pytest.raises(cognito.exceptions.InvalidPasswordException):
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=alice, Password="short1", Permanent=True
        )

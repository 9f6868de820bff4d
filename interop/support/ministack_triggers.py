"""A Lambda function for ministack with the triggers of custom authentication.

Run as a program, the file uploads itself to an endpoint and prints the ARN.
"""

import io
import json
import sys
import zipfile

QUESTIONS = [("What is 5 + 3?", "8"), ("Which colour has the sky?", "blau")]
ATTEMPTS = 3


def names(session):
    return [step["challengeName"] for step in session]


def results(session):
    """Returns, for each answer to a question, whether the answer was right."""
    return [
        step["challengeResult"]
        for step in session
        if step["challengeName"] == "CUSTOM_CHALLENGE"
    ]


def define(session, response):
    """Decides the next step. A sign-in with SRP_A begins with SRP.

    After SRP the trigger asks one question only. ministack allows three answers,
    and counts both steps of SRP as answers (services/cognito.py 2070).
    """
    steps, answers = names(session), results(session)
    wanted = 1 if "SRP_A" in steps else len(QUESTIONS)
    done = answers.count(True) == wanted
    proof = steps[-1:] == ["SRP_A"]
    response["issueTokens"] = done
    response["failAuthentication"] = len(answers) >= ATTEMPTS and not done
    response["challengeName"] = (
        "PASSWORD_VERIFIER" if proof else "CUSTOM_CHALLENGE"
    )


def create(session, response):
    question, answer = QUESTIONS[results(session).count(True)]
    response["publicChallengeParameters"] = {"question": question}
    response["privateChallengeParameters"] = {"answer": answer}


def handler(event, _context):
    request, response = event["request"], event["response"]
    source = event["triggerSource"]
    if source == "DefineAuthChallenge_Authentication":
        define(request["session"], response)
    elif source == "CreateAuthChallenge_Authentication":
        create(request["session"], response)
    else:
        right = request["privateChallengeParameters"]["answer"]
        response["answerCorrect"] = request["challengeAnswer"] == right
    return event


def upload(endpoint, region):
    import boto3  # only the upload needs boto3

    def client(service):
        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.write(__file__, "triggers.py")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    role = client("iam").create_role(
        RoleName="triggers", AssumeRolePolicyDocument=json.dumps(trust)
    )
    function = client("lambda").create_function(
        FunctionName="triggers",
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="triggers.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return function["FunctionArn"]


if __name__ == "__main__":
    print(upload(*sys.argv[1:]))

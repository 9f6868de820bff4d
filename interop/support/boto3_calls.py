"""Calls boto3 for a test in another language.

Each line on standard input is a call in JSON: the server, the operation and the
parameters. Each line on standard output is the outcome of a call. The program
validates each answer against the service's model in botocore: required members,
types, limits, and unknown members.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator


class Client:
    def __init__(self, endpoint):
        self.client = boto3.client(
            "cognito-idp",
            endpoint_url=endpoint,
            region_name="eu-central-1",
            aws_access_key_id="AKIAINTEROPINTEROP00",
            aws_secret_access_key="a key of nobody",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.client.meta.events.register("before-parse.cognito-idp", self.keep)

    def keep(self, response_dict, **_):
        self.body = response_dict["body"]

    def call(self, method, parameters):
        result = getattr(self.client, method)(**parameters)
        result.pop("ResponseMetadata")
        self.judge(method)
        return result

    def judge(self, method):
        """Validates the answer against the model, because boto3 does not."""
        name = self.client.meta.method_to_api_mapping[method]
        shape = self.client.meta.service_model.operation_model(name).output_shape
        if shape is None:
            return
        report = ParamValidator().validate(json.loads(self.body), shape)
        if report.has_errors():
            raise ValueError(f"{name}: {report.generate_report()}")


def main():
    clients = {}
    for line in sys.stdin:
        call = json.loads(line)
        endpoint = call["endpoint"]
        try:
            if endpoint not in clients:
                clients[endpoint] = Client(endpoint)
            result = clients[endpoint].call(call["method"], call["with"])
            outcome = {"result": result}
        except ClientError as error:
            refusal = error.response["Error"]
            outcome = {"error": refusal["Code"], "message": refusal["Message"]}
        except Exception as error:  # the test decides about the exception
            outcome = {"error": type(error).__name__, "message": str(error)}
        print(json.dumps(outcome, default=str), flush=True)


main()

"""Measures repeated sign-ins of one user by pycognito. bench.js starts the
process with a Job of rounds/rounds.go in JSON.
"""

import json
import sys
import time

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from pycognito import AWSSRP

job = json.loads(sys.argv[1])
client = boto3.client(
    "cognito-idp",
    region_name="eu-central-1",
    endpoint_url=job["endpoint"],
    config=Config(signature_version=UNSIGNED),
)


def cpu_time():
    return time.process_time() * 1000


def sign_in():
    srp = AWSSRP(
        username=job["username"],
        password=job["password"],
        pool_id=job["userPoolId"],
        client_id=job["clientId"],
        client=client,
    )
    if not srp.authenticate_user()["AuthenticationResult"]:
        raise RuntimeError("no tokens")


start_cpu = cpu_time()
sign_in()
first_cpu = cpu_time() - start_cpu

cpu, wall = cpu_time(), time.perf_counter()
for _ in range(job["times"]):
    sign_in()
report = {
    "startCPU": start_cpu,
    "firstCPU": first_cpu,
    "cpu": (cpu_time() - cpu) / job["times"],
    "wall": (time.perf_counter() - wall) * 1000 / job["times"],
}
print(json.dumps(report))

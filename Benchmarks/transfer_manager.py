"""Uploads a file with boto3 and prints how many seconds that took; the store's facts come on standard input."""

import json
import sys
import time

import boto3

facts = json.load(sys.stdin)
client = boto3.client(
    "s3", endpoint_url=facts["endpoint"], region_name="us-east-1", aws_access_key_id=facts["accessKey"],
    aws_secret_access_key=facts["secretKey"],
)  # fmt: skip
client.put_object(Bucket=facts["bucket"], Key="boto3/first", Body=b"x")
began = time.monotonic()
client.upload_file(sys.argv[1], facts["bucket"], "boto3/file")
print(time.monotonic() - began)
client.delete_object(Bucket=facts["bucket"], Key="boto3/file")

"""The program of `helm test`: waits until the job is completed and says how it went. Standard library only."""

import json
import os
import ssl
import sys
import time
import urllib.request
from pathlib import Path

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
SERVER = f"https://{os.environ['KUBERNETES_SERVICE_HOST']}:{os.environ['KUBERNETES_SERVICE_PORT']}"


def status() -> dict:
    headers = {"Authorization": f"Bearer {(ACCOUNT / 'token').read_text()}"}
    request = urllib.request.Request(SERVER + os.environ["JOB"], headers=headers)
    context = ssl.create_default_context(cafile=ACCOUNT / "ca.crt")
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    with urllib.request.urlopen(request, context=context, timeout=10) as answer:
        return json.load(answer).get("status", {})


def why(seen: dict) -> str:
    waits = [c["message"] for c in seen.get("conditions", []) if c["type"] == "Admitted" and c["status"] == "False"]
    return f"job {seen.get('state', 'not seen by the operator yet')}; {' '.join(waits)}"


def main() -> None:
    deadline, said = time.monotonic() + int(os.environ["SECONDS"]), ""
    while (seen := status()).get("state") != "completed":
        if why(seen) != said:
            print(said := why(seen), flush=True)
        if time.monotonic() > deadline:
            sys.exit(f"the job did not end within {os.environ['SECONDS']} s")
        time.sleep(1)
    counts = seen["taskCounts"]
    print(f"job completed: {counts['succeeded']} tasks succeeded, {counts['failed']} failed")
    if counts["succeeded"] != 2:
        sys.exit("both tasks had to succeed")


main()

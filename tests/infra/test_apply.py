"""The module applied for real, to moto's AWS on the loopback: what is there then, and what a destroy takes and leaves.

moto has all that the module needs but Canonical's public parameter, so the machine's image is named (``ami_id``).
"""

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from adapters.analyzers.comprehend.calls import OPERATIONS
from tests.infra.terraform import ON_MOTO, ROOT, Terraform, copy_of_the_module
from tests.standins.aws import use_dummy_aws

pytestmark = [pytest.mark.timeout(900), pytest.mark.infra]

SSH_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f test"


@pytest.fixture(scope="module")
def applied(module: Terraform, moto: str, tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    """Applied with everything that is optional."""
    copy = copy_of_the_module(tmp_path_factory.mktemp("applied"))
    shutil.copytree(module.module / ".terraform", copy.module / ".terraform", symlinks=True)
    shutil.copy(module.module / ".terraform.lock.hcl", copy.module)
    (copy.module / "moto_override.tf").write_text(ON_MOTO)
    with pytest.MonkeyPatch.context() as monkeypatch:
        use_dummy_aws(monkeypatch, AWS_ENDPOINT_URL=moto)
        images = boto3.client("ec2", "eu-west-1").describe_images(Owners=["099720109477"])["Images"]
    copy.environment = {"AWS_ENDPOINT_URL": moto, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "2"}
    copy.variables = {
        "domain": "text.example.com",
        "certificate_email": "ops@example.com",
        "ami_id": images[0]["ImageId"],
        "admin_cidrs": ["203.0.113.7/32"],
        "ssh_public_key": SSH_KEY,
        "alert_emails": ["ops@example.com"],
        "github_repository": "acme/text",
        "settings": {"SENTIMENT_ANALYZER": "comprehend"},
    }
    copy.succeed("apply", "-auto-approve", "-input=false")
    return copy


def machine(applied: Terraform) -> dict[str, Any]:
    found = boto3.client("ec2").describe_instances(InstanceIds=[applied.outputs["instance_id"]])
    return dict(found["Reservations"][0]["Instances"][0])


def data_volumes() -> list[Any]:
    filters = [{"Name": "tag:Name", "Values": ["sentiment-data"]}]
    return list(boto3.client("ec2").describe_volumes(Filters=filters)["Volumes"])


@pytest.fixture
def user_data(applied: Terraform, aws: str) -> str:
    """What cloud-init of the machine runs."""
    attribute = boto3.client("ec2").describe_instance_attribute(
        InstanceId=applied.outputs["instance_id"], Attribute="userData"
    )
    return base64.b64decode(attribute["UserData"]["Value"]).decode()


def policy(role: str) -> dict[str, dict[str, Any]]:
    """Statements of the role's own policy, by their names; it has no other policy."""
    iam = boto3.client("iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    [name] = iam.list_role_policies(RoleName=role)["PolicyNames"]
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    return {statement["Sid"]: statement for statement in document["Statement"]}


def as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_a_second_plan_finds_no_difference(applied: Terraform) -> None:
    done = applied.run("plan", "-detailed-exitcode", "-input=false")

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_the_machine_has_its_address_its_data_and_imdsv2(applied: Terraform, aws: str) -> None:
    instance = machine(applied)

    assert instance["MetadataOptions"]["HttpTokens"] == "required"
    assert instance["PublicIpAddress"] == applied.outputs["address"]
    [data] = data_volumes()
    assert (data["Encrypted"], data["VolumeType"]) == (True, "gp3")
    assert data["Attachments"][0]["InstanceId"] == instance["InstanceId"]


def test_the_world_reaches_two_ports_only(applied: Terraform, aws: str) -> None:
    [group] = machine(applied)["SecurityGroups"]
    [found] = boto3.client("ec2").describe_security_groups(GroupIds=[group["GroupId"]])["SecurityGroups"]
    open_to_the_world = {
        (rule["FromPort"], rule["ToPort"])
        for rule in found["IpPermissions"]
        for network in rule["IpRanges"]
        if network["CidrIp"] == "0.0.0.0/0"
    }

    assert open_to_the_world == {(443, 443), (80, 80)}


def test_the_machine_may_call_what_the_code_calls(applied: Terraform, aws: str) -> None:
    """Of Amazon Comprehend exactly the adapter's operations, and nothing at all by a wildcard."""
    statements = policy("sentiment-machine")
    called = {f"comprehend:{name}" for operation in OPERATIONS.values() for name in (operation.single, operation.batch)}

    assert set(as_list(statements["Comprehend"]["Action"])) == called
    assert not [action for one in statements.values() for action in as_list(one["Action"]) if "*" in action]


def test_the_machine_reaches_its_own_resources_only(applied: Terraform, aws: str) -> None:
    without_resources = {"Comprehend", "DiskMetric", "ImageToken", "SsmCore"}
    statements = policy("sentiment-machine")
    resources = {
        resource
        for sid, statement in statements.items()
        if sid not in without_resources
        for resource in as_list(statement["Resource"])
    }
    bucket, account = applied.outputs["bucket"], "eu-west-1:123456789012"

    assert resources == {
        f"arn:aws:s3:::{bucket}",
        f"arn:aws:s3:::{bucket}/mlflow/*",
        f"arn:aws:s3:::{bucket}/backups/*",
        f"arn:aws:s3:::{bucket}/releases/*",
        f"arn:aws:ssm:{account}:parameter/sentiment/environment",
        f"arn:aws:ssm:{account}:parameter/sentiment/environment/*",
        f"arn:aws:ssm:{account}:parameter/sentiment/release",
        f"arn:aws:ssm:{account}:parameter/sentiment/first_key",
        f"arn:aws:logs:{account}:log-group:/sentiment/containers:*",
        f"arn:aws:sns:{account}:sentiment-alerts",
        f"arn:aws:ecr:{account}:repository/sentiment",
    }
    assert statements["DiskMetric"]["Condition"] == {"StringEquals": {"cloudwatch:namespace": "sentiment"}}


def test_the_workflow_deploys_from_one_repository_and_environment(applied: Terraform, aws: str) -> None:
    trust = boto3.client("iam").get_role(RoleName="sentiment-deploy")["Role"]["AssumeRolePolicyDocument"]
    [statement] = trust["Statement"]

    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert statement["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:acme/text:environment:production",
    }


def test_the_workflow_can_run_one_command_on_the_machine(applied: Terraform, aws: str) -> None:
    """With AWS-RunShellScript it could run any, as root."""
    resources = as_list(policy("sentiment-deploy")["RollOut"]["Resource"])
    content = json.loads(boto3.client("ssm").get_document(Name="sentiment-roll-out")["Content"])

    assert {resource.rpartition("/")[2] for resource in resources} == {
        "sentiment-roll-out",
        applied.outputs["instance_id"],
    }
    pattern = re.compile(content["parameters"]["release"]["allowedPattern"])
    assert pattern.fullmatch("0" * 40)
    assert not pattern.fullmatch(f"{'0' * 40}; reboot")


def test_secrets_are_in_aws_and_in_no_state(applied: Terraform, aws: str) -> None:
    path = applied.outputs["parameters"]
    found = boto3.client("ssm").get_parameters_by_path(Path=path, WithDecryption=True, MaxResults=10)["Parameters"]
    secrets = {item["Name"].removeprefix(path): item["Value"] for item in found if item["Type"] == "SecureString"}

    assert set(secrets) <= {"SENTIMENT_KEY_PEPPER", "GRAFANA_PASSWORD", "MLFLOW_PASSWORD"}
    assert secrets
    assert all(len(value) == 43 for value in secrets.values())
    assert not [name for name, value in secrets.items() if value in applied.state]


def test_user_data_is_a_script_that_bash_and_shellcheck_take(user_data: str) -> None:
    subprocess.run(["bash", "-n"], input=user_data, text=True, check=True)
    if shutil.which("shellcheck"):
        checked = subprocess.run(["shellcheck", "-"], input=user_data, text=True, capture_output=True, check=False)
        assert checked.returncode == 0, checked.stdout


def test_user_data_is_small_enough_and_whole(user_data: str) -> None:
    """EC2 takes 16 KB; what is written into the script must not end its own here-document."""
    start = (ROOT / "ops" / "deploy" / "start.py").read_text()

    assert len(user_data.encode()) < 16_384
    assert start in user_data
    assert not {"PYTHON", "JSON", "UNIT", "SH"} & set(start.splitlines())


def test_each_file_that_user_data_names_is_in_the_repository(user_data: str) -> None:
    named = set(re.findall(r"ops/[\w/.]+\.\w+", user_data))

    assert named >= {
        "ops/deploy/compose.py",
        "ops/deploy/tell.py",
        "ops/deploy/report_disk.py",
        "ops/backup/nightly.py",
    }
    assert not [file for file in named if not (ROOT / file).is_file()]


def test_systemd_takes_the_units(user_data: str, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze on this machine")
    units = re.findall(r"cat >/etc/systemd/system/(\S+\.service) <<'UNIT'\n(.*?)\nUNIT", user_data, re.DOTALL)
    for name, text in units:
        (tmp_path / name).write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", text) + "\n")
    files = [str(tmp_path / name) for name, _ in units]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *files],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert len(units) == 3
    assert not [line for line in done.stderr.splitlines() if "Unknown" in line or str(tmp_path) in line], done.stderr


def test_without_tls_the_bucket_takes_nothing(applied: Terraform, aws: str) -> None:
    """The loopback has no TLS."""
    with pytest.raises(ClientError, match="Forbidden"):
        boto3.client("s3").put_object(Bucket=applied.outputs["bucket"], Key="mlflow/model.onnx", Body=b"model")


class TestDestroying:
    """In this order: what is refused, then what is done."""

    def test_it_keeps_the_bucket_by_default(self, applied: Terraform, aws: str) -> None:
        s3, bucket = boto3.client("s3"), applied.outputs["bucket"]
        s3.delete_bucket_policy(Bucket=bucket)  # which wants TLS
        for version in ("first", "second"):
            s3.put_object(Bucket=bucket, Key="mlflow/model.onnx", Body=version.encode())

        done = applied.run("destroy", "-auto-approve", "-input=false")

        assert done.returncode == 1
        assert "BucketNotEmpty" in done.stderr
        assert len(s3.list_object_versions(Bucket=bucket)["Versions"]) == 2

    def test_it_leaves_a_snapshot_of_the_data_volume(self, applied: Terraform, aws: str) -> None:
        ec2 = boto3.client("ec2")
        snapshots = ec2.describe_snapshots(Filters=[{"Name": "volume-size", "Values": ["40"]}])["Snapshots"]

        assert data_volumes() == []
        assert len([one for one in snapshots if {"Key": "Service", "Value": "sentiment"} in one.get("Tags", [])]) == 1

    def test_it_takes_everything_when_it_is_said_so(self, applied: Terraform, aws: str) -> None:
        applied.variables["destroy_data"] = True
        applied.succeed("apply", "-auto-approve", "-input=false", "-target=aws_s3_bucket.this")
        applied.succeed("destroy", "-auto-approve", "-input=false")

        assert json.loads(applied.state)["resources"] == []
        assert boto3.client("s3").list_buckets()["Buckets"] == []
        assert boto3.client("iam").list_roles()["Roles"] == []
        assert boto3.client("ssm").describe_parameters()["Parameters"] == []

"""The VPC of a site: subnets per zone, ways out, a private way to S3, and flow logs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from .trust import trusts


@dataclass(frozen=True)
class NetworkArgs:
    """What a `Network` needs. Subnets map a zone letter to a CIDR block."""

    region: str
    cidr_block: pulumi.Input[str]
    public_subnets: Mapping[str, pulumi.Input[str]]
    """Hold NAT gateways and nothing else; they never give instances a public address."""
    private_subnets: Mapping[str, pulumi.Input[str]]
    """Hold everything else."""
    tags: Mapping[str, pulumi.Input[str]]
    nat_per_zone: bool = False
    """One NAT gateway in each zone, so that losing a zone does not cut off the others."""
    flow_logs: bool = True
    flow_log_retention_days: pulumi.Input[int] = 365
    log_key_arn: pulumi.Input[str] | None = None
    """Key of the flow logs; CloudWatch's own when not given."""


class Network(pulumi.ComponentResource):
    """A VPC whose nodes have no public address and whose default security group admits nothing."""

    vpc_id: pulumi.Output[str]
    private_subnet_ids: pulumi.Output[list[str]]
    """One per zone, by zone letter."""
    subnet_ids_by_zone: Mapping[str, pulumi.Output[str]]
    """Private subnets by zone letter."""
    first_zone_subnet_ids: pulumi.Output[list[str]]
    """The private subnet of the first zone alone, for what must stay in one zone."""
    cidr_block: pulumi.Output[str]

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("aifactory:aws:Network", name, dict(vars(args)), opts)
        self._name, self._args = name, args
        child = pulumi.ResourceOptions(parent=self)

        self.vpc = aws.ec2.Vpc(
            f"{name}-vpc",
            cidr_block=args.cidr_block,
            enable_dns_support=True,
            enable_dns_hostnames=True,
            tags=self._tags(f"{name}-vpc"),
            opts=child,
        )
        self.vpc_id = self.vpc.id
        self.cidr_block = self.vpc.cidr_block

        # Taking over the default group without any rule closes it.
        aws.ec2.DefaultSecurityGroup(
            f"{name}-default-sg",
            vpc_id=self.vpc.id,
            tags=self._tags(f"{name}-default-sg"),
            opts=child,
        )

        gateways = self._public_side()
        subnets, route_tables = self._private_side(gateways)
        aws.ec2.VpcEndpoint(
            f"{name}-s3",
            vpc_id=self.vpc.id,
            service_name=f"com.amazonaws.{args.region}.s3",
            vpc_endpoint_type="Gateway",
            route_table_ids=[table.id for table in route_tables],
            tags=self._tags(f"{name}-s3"),
            opts=child,
        )
        if args.flow_logs:
            self._flow_logs()

        self.subnet_ids_by_zone = {zone: subnet.id for zone, subnet in subnets.items()}
        ids = [subnets[zone].id for zone in sorted(subnets)]
        self.private_subnet_ids = pulumi.Output.all(*ids)
        self.first_zone_subnet_ids = pulumi.Output.all(ids[0])
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "private_subnet_ids": self.private_subnet_ids,
                "first_zone_subnet_ids": self.first_zone_subnet_ids,
            }
        )

    def _tags(self, name: str) -> dict[str, pulumi.Input[str]]:
        return {**self._args.tags, "Name": name}

    def _public_side(self) -> dict[str, aws.ec2.NatGateway]:
        """Internet gateway, public subnets and NAT gateways, these by zone letter."""
        name, args, child = self._name, self._args, pulumi.ResourceOptions(parent=self)
        internet = aws.ec2.InternetGateway(
            f"{name}-igw", vpc_id=self.vpc.id, tags=self._tags(f"{name}-igw"), opts=child
        )
        table = aws.ec2.RouteTable(
            f"{name}-public", vpc_id=self.vpc.id, tags=self._tags(f"{name}-public"), opts=child
        )
        aws.ec2.Route(
            f"{name}-public-internet",
            route_table_id=table.id,
            destination_cidr_block="0.0.0.0/0",
            gateway_id=internet.id,
            opts=child,
        )
        zones = sorted(args.public_subnets)
        with_gateway = zones if args.nat_per_zone else zones[:1]
        gateways = {}
        for zone in zones:
            subnet = aws.ec2.Subnet(
                f"{name}-public-{zone}",
                vpc_id=self.vpc.id,
                availability_zone=f"{args.region}{zone}",
                cidr_block=args.public_subnets[zone],
                map_public_ip_on_launch=False,
                tags={**self._tags(f"{name}-public-{zone}"), "kubernetes.io/role/elb": "1"},
                opts=child,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-public-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=child
            )
            if zone in with_gateway:
                address = aws.ec2.Eip(
                    f"{name}-nat-{zone}",
                    domain="vpc",
                    tags=self._tags(f"{name}-nat-{zone}"),
                    opts=child,
                )
                gateways[zone] = aws.ec2.NatGateway(
                    f"{name}-nat-{zone}",
                    allocation_id=address.id,
                    subnet_id=subnet.id,
                    tags=self._tags(f"{name}-nat-{zone}"),
                    opts=pulumi.ResourceOptions(parent=self, depends_on=[internet]),
                )
        return gateways

    def _private_side(
        self, gateways: Mapping[str, aws.ec2.NatGateway]
    ) -> tuple[dict[str, aws.ec2.Subnet], list[aws.ec2.RouteTable]]:
        """Private subnets by zone letter, and their route tables."""
        name, args, child = self._name, self._args, pulumi.ResourceOptions(parent=self)
        shared = gateways[min(gateways)]
        subnets, tables = {}, []
        for zone in sorted(args.private_subnets):
            subnet = aws.ec2.Subnet(
                f"{name}-private-{zone}",
                vpc_id=self.vpc.id,
                availability_zone=f"{args.region}{zone}",
                cidr_block=args.private_subnets[zone],
                map_public_ip_on_launch=False,
                tags={
                    **self._tags(f"{name}-private-{zone}"),
                    "kubernetes.io/role/internal-elb": "1",
                },
                opts=child,
            )
            table = aws.ec2.RouteTable(
                f"{name}-private-{zone}",
                vpc_id=self.vpc.id,
                tags=self._tags(f"{name}-private-{zone}"),
                opts=child,
            )
            aws.ec2.Route(
                f"{name}-private-{zone}-out",
                route_table_id=table.id,
                destination_cidr_block="0.0.0.0/0",
                nat_gateway_id=gateways.get(zone, shared).id,
                opts=child,
            )
            aws.ec2.RouteTableAssociation(
                f"{name}-private-{zone}", subnet_id=subnet.id, route_table_id=table.id, opts=child
            )
            subnets[zone] = subnet
            tables.append(table)
        return subnets, tables

    def _flow_logs(self) -> None:
        """All traffic of the VPC, accepted and rejected, to CloudWatch Logs."""
        name, args, child = self._name, self._args, pulumi.ResourceOptions(parent=self)
        group = aws.cloudwatch.LogGroup(
            f"{name}-flow-logs",
            retention_in_days=args.flow_log_retention_days,
            kms_key_id=args.log_key_arn,
            tags=self._tags(f"{name}-flow-logs"),
            opts=child,
        )
        role = aws.iam.Role(
            f"{name}-flow-logs",
            assume_role_policy=trusts("vpc-flow-logs.amazonaws.com"),
            tags=self._tags(f"{name}-flow-logs"),
            opts=child,
        )
        aws.iam.RolePolicy(
            f"{name}-flow-logs",
            role=role.id,
            policy=pulumi.Output.json_dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Action": [
                                "logs:CreateLogStream",
                                "logs:DescribeLogStreams",
                                "logs:PutLogEvents",
                            ],
                            "Resource": pulumi.Output.concat(group.arn, ":*"),
                        }
                    ],
                }
            ),
            opts=child,
        )
        aws.ec2.FlowLog(
            f"{name}-flow-log",
            vpc_id=self.vpc.id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            max_aggregation_interval=60,
            tags=self._tags(f"{name}-flow-log"),
            opts=child,
        )

"""Every id of the collected facts is shipped, or left out for a written reason."""

from __future__ import annotations

import pytest

from aifactory_iac.catalog import Catalog

COLLECTED = {
    "accelerators": """
        nvidia-a100-sxm-80gb nvidia-a100-sxm-40gb nvidia-h100-sxm nvidia-h200-sxm nvidia-b100-sxm
        nvidia-b200-sxm nvidia-b300-sxm nvidia-gb200-gpu nvidia-gb300-gpu nvidia-l40s
        nvidia-rtx-pro-6000-bse nvidia-rtx-pro-4500 nvidia-l4 nvidia-a10g amd-mi300x amd-mi325x
        amd-mi350x amd-mi355x google-tpu-v5e google-tpu-v5p google-tpu-v6e google-tpu-7x
        aws-trainium1 aws-trainium2 aws-trainium3 aws-inferentia2 intel-gaudi3 nvidia-rubin
        amd-mi455x
        nvidia-h100-nvl-94gb nvidia-gh200-96gb nvidia-gh200-144gb nvidia-a30
        nvidia-gb10
    """,
    "systems": """
        dgx-a100-640 dgx-h100 dgx-h200 dgx-b200 dgx-b300 hgx-b300-asus-xa-nb3i-e12
        hgx-h200-supermicro-sys-821ge-tnhr dell-xe9680 dell-xe9680l hgx-mi300x-8 hgx-mi325x-8
        hgx-rubin-nvl8-compal dgx-rubin-nvl8 quanta-d74a-7u-mi325x mi355x-8-dlc mi350x-8-air
        pcie-8x-l40s pcie-8x-rtx-pro-6000 hgx-h100-h200-b200-era hgx-b300-era
        gb200-nvl72 gb300-nvl72 vera-rubin-nvl72
        igx-orin-devkit igx-thor-t7000 jetson-agx-thor jetson-agx-orin dgx-spark
        supermicro-sys-322gb-nr dell-r760xa
    """,
    "switches": """
        QM9700 QM9790 Q3400-RA Q3401-RD Q3450-LD Q3200-RA SN5600 SN5610 SN5400 SN4700 SN4600C
        SN2201 SN6600 7060X6-64PE 7060XE7-64PS 2500S QFX5240-64OD QFX5241-64OD Z9864F-ON
        nvlink5-switch-tray
    """,
    "nics": """
        ConnectX-7 ConnectX-8 ConnectX-9 BlueField-3-B3140H BlueField-3-B3220 BlueField-3-DGX
        Pollara-400
    """,
    "cables": """
        MCP4Y10 MCP7Y00 MCA4J80 MCA4K50 MCA7K10 MCP1600 MFS1S00 MFA7U10 MMA4Z00-NS MMA4Z00-NS400
        MMA1Z00-NS400 MMS4X00-NS MMS4X00-NS400 MMS4X00-NM MMS4X50-NM MMS4X90-NR MMS4A00 MMS4A20
        MFP7E10 MFP7E20 MFP7E30 MFP7E40
    """,
    "racks": "standard-42u standard-48u standard-52u",
    "aws_instances": """
        p4d.24xlarge p4de.24xlarge p5.4xlarge p5.48xlarge p5e.48xlarge p5en.48xlarge
        p6-b200.48xlarge p6-b300.48xlarge p6e-gb200.36xlarge
        g5.xlarge g5.2xlarge g5.4xlarge g5.8xlarge g5.12xlarge g5.16xlarge g5.24xlarge g5.48xlarge
        g6.xlarge g6.2xlarge g6.4xlarge g6.8xlarge g6.12xlarge g6.16xlarge g6.24xlarge g6.48xlarge
        g6e.xlarge g6e.2xlarge g6e.4xlarge g6e.8xlarge g6e.12xlarge g6e.16xlarge g6e.24xlarge
        g6e.48xlarge g7.2xlarge g7.4xlarge g7.8xlarge g7.12xlarge g7.24xlarge g7.48xlarge
        g7e.2xlarge g7e.4xlarge g7e.8xlarge g7e.12xlarge g7e.24xlarge g7e.48xlarge
        trn1.2xlarge trn1.32xlarge trn1n.32xlarge trn2.3xlarge trn2.48xlarge trn2u.48xlarge
        inf2.xlarge inf2.8xlarge inf2.24xlarge inf2.48xlarge
    """,
    "aws_regions": """
        us-east-1 us-east-2 us-west-1 us-west-2 ca-central-1 ca-west-1 eu-central-1 eu-central-2
        eu-west-1 eu-west-2 eu-west-3 eu-north-1 eu-south-1 eu-south-2 ap-northeast-1
        ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2
        ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ap-east-1
        sa-east-1 me-central-1 me-south-1 af-south-1 il-central-1 mx-central-1
    """,
    "storage_systems": """
        ddn-ai400x2 ddn-ai400x2-turbo netapp-aff-a900 pure-flashblade-s pure-flashblade-exa weka
        vast
    """,
    "fsx_tiers": "persistent-2-125 persistent-2-250 persistent-2-500 persistent-2-1000",
    "cooling_limits": "air contained-air in-row rear-door direct-to-chip immersion",
    "grid_carbon": """
        US CA MX BR CL GB IE FR DE NL BE ES PT IT CH PL SE NO FI DK IS IN CN JP KR SG MY ID TH TW
        HK AU NZ ZA SA AE QA BH IL TR KZ
    """,
    "electricity": """
        default world US CA MX BR CL GB IE FR DE NL BE ES PT IT CH PL SE NO FI DK IS IN CN JP KR
        SG MY ID TH TW HK AU NZ ZA SA AE QA BH IL TR KZ
        US-VA US-TX US-OH US-OR US-WA US-GA US-IA US-NC US-SC US-TN US-AZ US-NV US-CA US-NY US-IL
        US-IN US-LA US-OK US-NM US-UT US-NE US-MS US-WI US-PA US-MN US-MO US-KY US-AL US-MI
    """,
}

LEFT_OUT = {
    "systems": {
        "kyber-nvl576": "announced; nothing but 600 kW is known, and its accelerator is not sold",
        "dell-xe8812-rubin-144": "no source can be named",
    },
    "storage_systems": {"ddn-ai400x3": "no source can be named"},
    "aws_instances": {
        "dl1.24xlarge": "only a price is known",
        "p3dn.24xlarge": "only a price is known",
        "g5g.xlarge": "only a price is known",
        "g6f.large": "only a price is known",
        "gr6.4xlarge": "only a price is known",
        "gr6f.4xlarge": "only a price is known",
    },
}

CONSTANTS_OTHERS_HOLD_ON_TO = """
    mfu.training failures.per_1000_node_days storage.gb_s_per_gpu training.bytes_per_parameter
    training.goodput checkpoint.bytes_per_parameter home.kwh_per_year fsx.step_mb_s
    capex.usd_bn_per_gw cooling.air_delta_f cooling.water_delta_c ufm.node_slots
    economics.opex_rate economics.it_life_years embodied.kg_per_gpu spares.confidence
    construction.usd_per_w s3.usd_gb_month power.ups_efficiency capex.share.gpu
    capex.share.networking capex.share.storage capex.share.mechanical_electrical
    ufm.leaf_ports recovery.restart_minutes water.l_per_kwh grid.ppa_g_per_kwh
"""


@pytest.mark.parametrize("table", sorted(COLLECTED))
def test_every_collected_id_is_shipped(shipped: Catalog, table: str) -> None:
    assert sorted(shipped.table(table)) == sorted(COLLECTED[table].split())


@pytest.mark.parametrize("table", sorted(LEFT_OUT))
def test_what_is_left_out_is_left_out_on_purpose(shipped: Catalog, table: str) -> None:
    assert set(LEFT_OUT[table]) & set(shipped.table(table)) == set()


@pytest.mark.parametrize("key", CONSTANTS_OTHERS_HOLD_ON_TO.split())
def test_constants_that_formulas_name_exist(shipped: Catalog, key: str) -> None:
    assert key in shipped.constants

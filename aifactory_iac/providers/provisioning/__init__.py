"""The service that machines get their address and their first boot from.

    service.read_service(inputs)    typed value of a site's service, and all that is wrong with it
    files.service_files(service)    -> Kea, dnsmasq and boot server configuration, name to bytes
    deployment.Deployment           puts it in force at its target: all of it, or none
    seeds.Seeds                     what the machine engine calls: publish, called_back, withdraw
    serving.serving(path)           the boot server in this process; as one of its own:
                                    python -m aifactory_iac.providers.provisioning FOLDER

Provider and boot server share nothing but a folder of plain files (`folder`), so either may be
killed and started again at any time.
"""

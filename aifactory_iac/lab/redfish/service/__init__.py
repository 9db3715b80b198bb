"""What a controller answers: Redfish resources over the state of one machine."""

"""A real deploy without AWS: the pinned CDK command line into an emulator on loopback, and the stories against it."""

"""Carbon intensities from the services that publish them: one interface, patience, a cache, no secret ever shown."""

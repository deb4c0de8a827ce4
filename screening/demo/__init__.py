"""An invented municipality: people, families and visits on which the service can be tried and learnt."""

"""Help before the mistake: the schema for editors, the lists, the page of levers, a scenario to start with."""

"""TMF629 customer, TMF632 party and the billing account: the one place where personal data lives."""

"""What tests share: a whole deployment on real engines, a mail server, clients of the bus."""

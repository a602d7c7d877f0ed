"""What is measured, each with one command; law: anyone can run it again."""

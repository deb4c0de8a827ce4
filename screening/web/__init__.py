"""What people and tablets touch: one module per audience, and what all of them share."""

"""What calls of each kind need, what they cost, and the policy that follows from it."""

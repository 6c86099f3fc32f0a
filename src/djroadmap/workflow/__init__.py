"""What the commands do, without printing: status, add, remove, check, undo, upgrade."""

"""The outside world behind the model's ports: disk, git, shell, formatter, the user's state folder."""

"""What pipelines do around `ackp` and `pulumi`: comments on pull requests, messages to chats, steps, RAM policies."""

"""What can go wrong with the local cloud, each as one sentence for the person at the keyboard."""


class LocalCloudError(Exception):
    """The local cloud can't start or go on; the message is one sentence that says why and what to do."""


class DeployError(LocalCloudError):
    """The stack could not be deployed; the message names the first resource that failed and the reason."""

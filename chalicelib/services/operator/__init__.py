"""The operator's own staff: the first account, their word on secrecy, and how they look into a business."""

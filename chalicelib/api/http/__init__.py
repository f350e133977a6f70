"""What every resource shares: how a request comes in, who may call, and how an answer or a refusal goes out."""

"""Ways of turning facts into words: rules here, a language model in `insights/llm`."""

"""The ASGI app: pages, chat, handsets, webhooks, actions, health."""

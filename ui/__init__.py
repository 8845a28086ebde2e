"""The surfaces: command line, Gradio app."""

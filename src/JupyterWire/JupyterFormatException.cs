namespace Notebook.JupyterWire;

/// <summary>Bytes from a peer are no Jupyter message; the text says what was expected and what was found.</summary>
public sealed class JupyterFormatException(string message, Exception? inner = null) : Exception(message, inner);

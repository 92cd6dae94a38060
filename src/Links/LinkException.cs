namespace Notebook.Links;

/// <summary>A link could not be made or used; the message says what was asked, what was found, what to do.</summary>
public class LinkException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The other side, or this one, refused the handshake: trying again as things are would not help.</summary>
public sealed class LinkRefusedException(string message) : LinkException(message);

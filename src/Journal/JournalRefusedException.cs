namespace Agora.Journal;

/// <summary>The journal cannot be opened as it is. The message is one line, made for whoever starts the program.</summary>
public sealed class JournalRefusedException(string message, Exception? inner = null) : Exception(message, inner);

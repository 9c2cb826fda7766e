namespace Agora.Journal;

/// <summary>The journal cannot be opened as it is. The message is one line, made for whoever starts the program.</summary>
public class JournalRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Its schema is older than the program, which may only read it: whoever may write brings it up to date.</summary>
public sealed class JournalOutdatedException(string message) : JournalRefusedException(message);

/// <summary>Another process has it open for writing, and only one may.</summary>
public sealed class JournalInUseException(string message, Exception? inner = null) : JournalRefusedException(message, inner);

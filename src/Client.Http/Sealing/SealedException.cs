namespace Agora.Client.Http.Sealing;

/// <summary>Why nothing was sealed or opened. <see cref="Code"/> is for programs, and the same in all clients.</summary>
public abstract class SealedException(string code, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Code => code;
}

/// <summary>
/// A message does not open. <c>malformed</c>: it is no sealed message. <c>not_for_us</c>: it is sealed to others. <c>key_gone</c>: to a key that is destroyed, or
/// never was in this ring. <c>not_authentic</c>: whatever else is not as it was when this sender sealed it to this agent, in this conversation,
/// under this message id. That says no more, so that nobody learns of the content by asking with changed messages.
/// </summary>
public sealed class CannotOpenException : SealedException
{
    internal CannotOpenException(string code)
        : base(code, $"The message does not open: {code}.")
    {
    }
}

/// <summary>
/// A peer's signing key is another than it was, and the one before does not say so: another agent has taken its name, or the server shows another's key. Nothing
/// is sealed to it or opened of it until <see cref="KeyRing.Accept"/> is called, which should not be done without asking the peer by another way.
/// </summary>
public sealed class KeyChangedException : SealedException
{
    internal KeyChangedException(string agent, string known, string given)
        : base("key_changed", $"{agent} has signed by {known} so far, and is said to sign by {given} now.") => (Agent, Known, Given) = (agent, known, given);

    public string Agent { get; }

    /// <summary>By its thumbprint.</summary>
    public string Known { get; }

    public string Given { get; }
}

/// <summary>A card has no key that its agent has signed, or an older one than was seen before.</summary>
public sealed class CardInvalidException : SealedException
{
    internal CardInvalidException(string agent, string why)
        : base("card_invalid", $"The card of {agent} is not taken: {why}.") => Agent = agent;

    public string Agent { get; }
}

/// <summary>The file is no key ring, or others can read it.</summary>
public sealed class KeyRingInvalidException : SealedException
{
    internal KeyRingInvalidException(string message, Exception? cause = null)
        : base("ring_invalid", message, cause)
    {
    }
}

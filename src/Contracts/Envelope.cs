namespace Agora.Contracts;

/// <summary>
/// What crosses between grains: one command there, one answer back. The body is an immutable object of the target's own
/// command, reply or rejection union; in one process it is passed by reference, and only a border (Orleans' serializer,
/// the adversary) encodes it, with the codec of the stream's kind.
/// </summary>
/// <param name="CommandId">Makes a repeat of this command harmless. An answer carries the id of its command.</param>
/// <param name="Trace">W3C traceparent of the request that caused this, or null.</param>
/// <param name="Body">The command, or the answer to it.</param>
public sealed record Envelope(Guid CommandId, string? Trace, object Body);

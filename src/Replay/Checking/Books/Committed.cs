using Agora.Core.Kernel;

namespace Agora.Replay.Checking.Books;

/// <summary>One durable event: where it stands, which command it came from, and the stream's time.</summary>
public sealed record Committed(StreamId Stream, long Seq, Guid CommandId, DateTimeOffset At, object Event)
{
    /// <summary>Some event of its entry has a sealed part, which may be erased.</summary>
    public bool IsSealed { get; init; }
}

using Agora.Core.Kernel;
using Agora.Core.Upstreams;
using Agora.Outbound;

namespace Agora.Grains.Upstreams;

/// <summary>The servers of upstreams, as whoever calls sees them. Everything that they can do is a value.</summary>
public interface IToolServers
{
    /// <summary>Reads the whole list of tools, from whichever instance gives it.</summary>
    Task<UpstreamOutcome> List(StreamId upstream, UpstreamAccess access, CancellationToken ending);

    /// <summary>Waits, and less where the upstream says meanwhile that its list changed.</summary>
    Task Listen(StreamId upstream, UpstreamAccess access, TimeSpan pause, CancellationToken ending);

    /// <summary>Has one instance run a tool. It is delivered once, unless it surely was not, or may be repeated.</summary>
    Task<ToolAnswer> Call(StreamId upstream, UpstreamAccess access, ToolRequest request);
}

/// <param name="Tool">As the upstream calls it.</param>
/// <param name="Arguments">JSON, UTF-8.</param>
/// <param name="MayRepeat">A second delivery does no more than the first.</param>
/// <param name="OnProgress">Is told how far it is; null: nobody asks.</param>
/// <param name="Unwanted">From then on the run is not wanted any more.</param>
public sealed record ToolRequest(
    string Tool, ReadOnlyMemory<byte> Arguments, Guid RunId, bool MayRepeat, OutboundCaller Caller, string? Trace, TimeSpan Timeout, TimeSpan Deadline, Action<ProgressNote>? OnProgress, CancellationToken Unwanted)
{
    /// <summary>Arguments that headers repeat; null if there are none.</summary>
    public IReadOnlyList<MirroredArgument>? Mirrored { get; init; }

    /// <inheritdoc cref="OutboundCall.Room"/>
    public TakeRoom? Room { get; init; }
}

/// <param name="Result">As if a service had answered: the output, or why there is none. A tool that says that it failed answers 422, a server that does so 500.</param>
/// <param name="ListChanged">It said meanwhile that its list changed.</param>
public sealed record ToolAnswer(OutboundResult Result, bool ListChanged);

/// <summary>How far a run is, as its tool says: numbers, and none of its words.</summary>
public sealed record ProgressNote(double Progress, double? Total);

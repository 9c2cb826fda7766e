using System.Text.Json;
using Agora.Outbound;

namespace Agora.Grains.Upstreams;

/// <summary>A request to one instance, and what whoever sends it wants to hear meanwhile.</summary>
/// <param name="Key">The same for each delivery of one and the same.</param>
internal sealed record McpRequest(string Method, Action<Utf8JsonWriter>? Parameters, string Key, TimeSpan Timeout)
{
    /// <summary>What it names, as headers say it.</summary>
    public string? Name { get; init; }

    /// <summary>Headers that repeat arguments, in the stateless revision.</summary>
    public IReadOnlyList<AuthHeader> Mirrored { get; init; } = [];

    public Action<Utf8JsonWriter>? Meta { get; init; }

    /// <summary>Is told what comes beside the answer; null: nobody asks.</summary>
    public Action<JsonElement>? OnMessage { get; init; }

    public OutboundCaller? Caller { get; init; }

    public string? Trace { get; init; }

    public CancellationToken Unwanted { get; init; }

    /// <inheritdoc cref="OutboundCall.Room"/>
    public TakeRoom? Room { get; init; }
}

/// <summary>One server of an upstream: what is remembered of its protocol, and how busy and how well it is.</summary>
internal abstract class McpInstance(TimeProvider time) : IAsyncDisposable
{
    /// <summary>One that failed is asked after the others for so long.</summary>
    private static readonly TimeSpan Shunned = TimeSpan.FromSeconds(15);

    private int _inFlight;
    private long? _failedAt;

    public int InFlight => Volatile.Read(ref _inFlight);

    public bool IsUnwell => _failedAt is { } at && time.GetElapsedTime(at) < Shunned;

    protected TimeProvider Time => time;

    public async Task<McpReply> Ask(McpRequest request)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            var reply = await Send(request);
            _failedAt = reply is McpReply.Lost ? time.GetTimestamp() : null;
            return reply;
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <summary>Ends after the pause, or when the instance said that its list changed.</summary>
    public abstract Task Listen(TimeSpan pause, Action<JsonElement> onMessage, CancellationToken ending);

    public virtual ValueTask DisposeAsync() => ValueTask.CompletedTask;

    protected abstract Task<McpReply> Send(McpRequest request);

    /// <summary>The revision in the server's answer to the handshake; it can be the stateless one. Null if it is not supported here.</summary>
    protected static string? Agreed(JsonElement initialized) => McpMessages.TextOf(initialized, "protocolVersion") is { } said && (said == McpMessages.Stateless || McpMessages.Handshakes.Contains(said)) ? said : null;
}

using Agora.Application.Calls;

namespace Agora.Web;

/// <summary>Whose key a connection or a request was opened with, as it was last looked up. What is asked over it within <see cref="FreshFor"/> is asked by the same holder, as any query may be stale by so much.</summary>
internal sealed class ConnectionKey
{
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    private Found? _last;

    /// <summary>Read once; null: it was not yet, or is no agent's own.</summary>
    public OwnKey? Own { get; set; }

    /// <summary>Null: it has to be looked up.</summary>
    public KeyHolder? Holder(TimeProvider time) => Volatile.Read(ref _last) is { } found && time.GetElapsedTime(found.At) < FreshFor ? found.Holder : null;

    public void Keep(KeyHolder holder, long lookedAt) => Volatile.Write(ref _last, new(holder, lookedAt));

    private sealed record Found(KeyHolder Holder, long At);
}

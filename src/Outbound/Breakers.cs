namespace Agora.Outbound;

/// <summary>
/// One <see cref="Breaker{T}"/> a service. At most <see cref="OutboundLimits.MaxBreakers"/> are kept. One that was idle for a window and a break knows
/// nothing any more, so dropping it changes nothing; only when all are busy is the longest unused dropped with what it knew.
/// </summary>
internal sealed class Breakers(TimeProvider time, int capacity = OutboundLimits.MaxBreakers)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    public Breaker<OutboundResult> For(string serviceId)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(serviceId, out var entry))
            {
                if (_entries.Count >= capacity)
                    MakeRoom();
                _entries.Add(serviceId, entry = new Entry(new(time, IsUnwell)));
            }
            entry.LastUsed = time.GetTimestamp();
            return entry.Breaker;
        }
    }

    // A 4xx says that the service lives and disliked the input: were it counted, one agent's bad input would close the service to all others.
    private static bool? IsUnwell(OutboundResult result) => result switch
    {
        OutboundResult.Failed { Kind: OutboundFailure.Refused or OutboundFailure.Unsigned } or OutboundResult.Failed { Kind: OutboundFailure.NoRoom, Sent: 0 } => null, // nothing was sent
        OutboundResult.Failed { Kind: OutboundFailure.BadStatus, Status: < 500 } or OutboundResult.Failed { Kind: OutboundFailure.NoRoom } => false,
        OutboundResult.Failed => true,
        _ => false,
    };

    private void MakeRoom()
    {
        foreach (var (id, entry) in _entries)
            if (time.GetElapsedTime(entry.LastUsed) > OutboundLimits.BreakerWindow + OutboundLimits.BreakerBreak)
                _entries.Remove(id);
        if (_entries.Count >= capacity)
            _entries.Remove(_entries.MinBy(pair => pair.Value.LastUsed).Key);
    }

    private sealed class Entry(Breaker<OutboundResult> breaker)
    {
        public Breaker<OutboundResult> Breaker { get; } = breaker;

        public long LastUsed { get; set; }
    }
}

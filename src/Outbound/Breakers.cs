namespace Agora.Outbound;

/// <summary>
/// One <see cref="Breaker"/> a service. At most <see cref="OutboundLimits.MaxBreakers"/> are kept. One that was idle for a window and a break knows
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

    public Breaker For(string serviceId)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(serviceId, out var entry))
            {
                if (_entries.Count >= capacity)
                    MakeRoom();
                _entries.Add(serviceId, entry = new Entry(new Breaker(time)));
            }
            entry.LastUsed = time.GetTimestamp();
            return entry.Breaker;
        }
    }

    private void MakeRoom()
    {
        foreach (var (id, entry) in _entries)
            if (time.GetElapsedTime(entry.LastUsed) > Breaker.Window + Breaker.Break)
                _entries.Remove(id);
        if (_entries.Count >= capacity)
            _entries.Remove(_entries.MinBy(pair => pair.Value.LastUsed).Key);
    }

    private sealed class Entry(Breaker breaker)
    {
        public Breaker Breaker { get; } = breaker;

        public long LastUsed { get; set; }
    }
}

using Agora.Core.Clocks;

namespace Agora.Simulation.Checks;

/// <summary>
/// The clock of a tenant for tests goes forward only, and so does the time of each stream there. What is sent after an advance was acknowledged is decided at no earlier time than it said.
/// </summary>
/// <param name="skew">By so much processes' clocks differ.</param>
public sealed class Clocks(Findings findings, TimeSpan skew) : IChecker
{
    private readonly Dictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, DateTimeOffset> _sent = [];
    private ClockView _said = new(1, TimeSpan.Zero);
    private TimeSpan _acknowledged;

    /// <summary>So exactly times are stored.</summary>
    private static readonly TimeSpan Stored = TimeSpan.FromMicroseconds(1);

    /// <summary>As its stream says it, which whoever decides may know before anybody was told.</summary>
    public TimeSpan Ahead => _said.Offset;

    /// <summary>Advances that somebody was told of.</summary>
    public int Advances { get; private set; }

    /// <summary>Events that were held against what was acknowledged before.</summary>
    public int Held { get; private set; }

    public void Happened(Committed committed)
    {
        if (committed.Event is ClockEvent.Advanced { View: var view })
        {
            findings.Expect(view.Generation == _said.Generation && view.Offset > _said.Offset, $"The clock says {view} after {_said}.");
            _said = view;
            return;
        }

        var stream = committed.Stream.ToString();
        findings.Expect(!_last.TryGetValue(stream, out var last) || committed.At >= last, $"{stream} #{committed.Seq} is at {committed.At:O}, and what is before it at {last:O}.");
        _last[stream] = committed.At;
        if (!_sent.TryGetValue(committed.CommandId, out var from)) return;

        Held += from.Ticks > 0 ? 1 : 0;
        findings.Expect(committed.At >= from - skew - Stored, $"{stream} #{committed.Seq} is decided at {committed.At:O}, and it was {from:O} by the clock when it was asked for.");
    }

    /// <summary>Every process goes by it now.</summary>
    public void Acknowledged(ClockView view)
    {
        Advances++;
        _acknowledged = view.Offset > _acknowledged ? view.Offset : _acknowledged;
    }

    /// <param name="at">The world's time.</param>
    public void Sent(Guid commandId, DateTimeOffset at)
    {
        if (_acknowledged > TimeSpan.Zero)
        {
            _sent.TryAdd(commandId, at + _acknowledged);
        }
    }
}

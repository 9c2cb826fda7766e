using Agora.Core.Clocks;

namespace Agora.Simulation.Checks;

/// <summary>
/// The clock of a tenant for tests goes forward only, and so does the time of each stream there. What is sent after an advance was acknowledged is decided at no earlier time than it said.
/// A reset begins the next generation, in which nothing was decided before; after it was acknowledged nothing is decided in this one, and nobody is answered anything else.
/// </summary>
/// <param name="generation">Of this tenant; 0: it is none for tests, and is never reset.</param>
/// <param name="skew">By so much processes' clocks differ.</param>
public sealed class Clocks(Findings findings, int generation, TimeSpan skew) : IChecker
{
    private readonly Dictionary<string, DateTimeOffset> _last = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, DateTimeOffset?> _sent = [];
    private readonly Dictionary<Guid, bool> _sentInTime = [];
    private ClockView _said = new(1, TimeSpan.Zero);
    private TimeSpan _ahead;
    private TimeSpan _acknowledged;
    private DateTimeOffset? _endedAt;

    /// <summary>So exactly times are stored.</summary>
    private static readonly TimeSpan Stored = TimeSpan.FromMicroseconds(1);

    /// <summary>As its stream says it, which whoever decides may know before anybody was told.</summary>
    public TimeSpan Ahead => _ahead;

    /// <summary>As its stream says it.</summary>
    public bool HasBegun => _said.Generation >= generation;

    /// <summary>As its stream says it, which nobody may have been told.</summary>
    public bool IsOver => generation > 0 && _said.Generation > generation;

    /// <summary>Advances that somebody was told of.</summary>
    public int Advances { get; private set; }

    /// <summary>Advances after which nothing was left to ring, as somebody was told.</summary>
    public int Rung { get; private set; }

    /// <summary>Events that were held against what was acknowledged before.</summary>
    public int Held { get; private set; }

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case ClockEvent.Advanced { View: var view }:
                findings.Expect(view.Generation == _said.Generation && view.Offset > _said.Offset, $"The clock says {view} after {_said}.");
                _said = view;
                _ahead = view.Generation == generation ? view.Offset : _ahead;
                return;
            case ClockEvent.GenerationBegun { View: var view }:
                findings.Expect(view.Generation == _said.Generation + 1 && view.Offset == TimeSpan.Zero, $"The clock says {view} after {_said}.");
                _said = view;
                return;
        }

        var stream = committed.Stream.ToString();
        findings.Expect(HasBegun, $"{stream} #{committed.Seq} is decided in generation {generation}, which has not begun.");
        findings.Expect(!(committed.At > _endedAt + _ahead + skew + Stored), $"{stream} #{committed.Seq} is decided at {committed.At:O}, after the tenant was reset, at {_endedAt + _ahead:O} by its clock.");
        findings.Expect(_sentInTime.GetValueOrDefault(committed.CommandId, true), $"{stream} #{committed.Seq} is decided, and was asked for after the reset of its tenant was acknowledged.");
        findings.Expect(!_last.TryGetValue(stream, out var last) || committed.At >= last, $"{stream} #{committed.Seq} is at {committed.At:O}, and what is before it at {last:O}.");
        _last[stream] = committed.At;
        if (_sent.GetValueOrDefault(committed.CommandId) is not { } from) return;

        Held++;
        findings.Expect(committed.At >= from - skew - Stored, $"{stream} #{committed.Seq} is decided at {committed.At:O}, and it was {from:O} by the clock when it was asked for.");
    }

    /// <summary>Every process goes by it now.</summary>
    public void Acknowledged(ClockView view)
    {
        Advances++;
        _acknowledged = view.Offset > _acknowledged ? view.Offset : _acknowledged;
    }

    /// <summary>A reset: every process knows that this is over.</summary>
    /// <param name="at">The world's time.</param>
    public void Ended(DateTimeOffset at) => _endedAt ??= at;

    /// <summary>Whoever was told that the tenant was reset is one of its, and whoever asks for something new after that was acknowledged is told so.</summary>
    public void Answered(string what, Guid commandId, bool isReset)
    {
        findings.Expect(IsOver || !isReset, $"{what} was answered that the tenant was reset, which it was not.");
        findings.Expect(isReset || _sentInTime[commandId], $"{what} was answered after the reset of its tenant was acknowledged, as if there were none.");
    }

    /// <summary>What was due by an advance, as its stream says, has rung: somebody was told that nothing is left.</summary>
    /// <param name="waiting">Streams that are as they were before the advance, and what is due there.</param>
    /// <param name="by">The tenant's time, as the advance made it.</param>
    public void Rang(IEnumerable<(string Stream, DateTimeOffset? Due)> waiting, DateTimeOffset by)
    {
        Rung++;
        foreach (var (stream, due) in waiting)
        {
            findings.Expect(!(due <= by), $"{stream} was due at {due:O}, and did nothing when the clock was advanced to {by:O} and, as was said, all alarms were rung.");
        }
    }

    /// <summary>The first time counts: a command that is sent again may have been decided by what was sent before, and become durable later.</summary>
    /// <param name="at">The world's time.</param>
    public void Sent(Guid commandId, DateTimeOffset at)
    {
        _sentInTime.TryAdd(commandId, _endedAt is null);
        _sent.TryAdd(commandId, _acknowledged > TimeSpan.Zero ? at + _acknowledged : null);
    }
}

using Agora.Core.Kernel;

namespace Agora.Replay.Reading;

/// <summary>What the users so far came to. Of the refused runs only the earliest <paramref name="most"/> are kept; all are counted.</summary>
internal sealed class ReplayTally(int most, ReplayBounds bounds)
{
    private static readonly Comparer<(DateTimeOffset At, Guid Id)> LatestFirst = Comparer<(DateTimeOffset At, Guid Id)>.Create((a, b) => b.CompareTo(a));

    private readonly PriorityQueue<RefusedRun, (DateTimeOffset At, Guid Id)> _earliest = new(LatestFirst);
    private readonly List<string> _leftOut = [];
    private int _users;
    private int _sessions;
    private int _runs;
    private int _refused;
    private int _notKnown;
    private long _paid;
    private long _rows;

    public bool IsEmpty => _users + _leftOut.Count == 0;

    public bool IsFull => _users >= bounds.Users || _rows >= bounds.Rows || _leftOut.Count >= bounds.LeftOut;

    public long RowsLeft => bounds.Rows - _rows;

    /// <param name="told">Null: the user's history is too long.</param>
    public void Add(StreamId user, long rows, Counterfactual? told)
    {
        _rows += rows;
        if (told is null)
        {
            _leftOut.Add(user.Id);
            return;
        }

        _users += rows > 0 ? 1 : 0;
        _sessions += told.Sessions;
        _runs += told.Runs;
        _refused += told.Refused.Count;
        _notKnown += told.NotKnown;
        foreach (var run in told.Refused)
        {
            _paid += run.PaidMicros;
            _earliest.Enqueue(run, (run.RequestedAt, run.RunId));
            if (_earliest.Count > most)
            {
                _earliest.Dequeue();
            }
        }
    }

    public ReplayReport Report(int offset, string? next) => new(
        _users, _sessions, _runs, [.. _earliest.UnorderedItems.OrderBy(r => r.Priority).Skip(offset).Select(r => r.Element)], _refused, _paid, _notKnown, _leftOut, next);
}
